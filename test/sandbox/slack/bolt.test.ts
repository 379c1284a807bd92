/* oxlint-disable unicorn/require-post-message-target-origin -- this is chat.postMessage, not window.postMessage */
import { expect, test } from 'vitest'
import { bolt, workspace } from '#test/sandbox/slack/workspace.ts'

test('a typed command opens a form, its submission is posted and a button in the message answers the person', async () => {
  const { slack, rita, ops } = await workspace()
  await bolt(slack, (app) => {
    app.command('/disable-user', async ({ ack, client, body }) => {
      await ack()
      await client.views.open({
        trigger_id: body.trigger_id,
        view: {
          type: 'modal',
          callback_id: 'disable',
          private_metadata: body.channel_id,
          title: { type: 'plain_text', text: 'Disable' },
          submit: { type: 'plain_text', text: 'Create' },
          blocks: [
            {
              type: 'input',
              block_id: 'person',
              label: { type: 'plain_text', text: 'Person' },
              element: { type: 'plain_text_input', action_id: 'value', initial_value: body.text },
            },
          ],
        },
      })
    })
    app.view('disable', async ({ ack, view, client }) => {
      await ack()
      await client.chat.postMessage({
        channel: view.private_metadata,
        text: `Disable ${view.state.values['person']?.['value']?.value}`,
        blocks: [
          {
            type: 'actions',
            elements: [
              {
                type: 'button',
                action_id: 'approve',
                text: { type: 'plain_text', text: 'Approve' },
                value: 'T-1',
              },
            ],
          },
        ],
      })
    })
    app.action('approve', async ({ ack, body, client }) => {
      await ack()
      await client.chat.postEphemeral({
        channel: body.channel?.id ?? '',
        user: body.user.id,
        text: 'Approved',
      })
    })
  })

  expect(await rita.command(ops, '/disable-user alice@corp.example')).toEqual({ kind: 'acknowledged' })
  const modal = await rita.modal('disable')
  expect(modal.value('person')).toEqual({ type: 'plain_text_input', value: 'alice@corp.example' })
  await modal.fill('Person', '')
  expect(await modal.submit()).toMatchObject({ kind: 'refused', errors: { person: expect.any(String) } })
  await modal.fill('person', 'bob')
  expect(await modal.submit()).toEqual({ kind: 'closed' })
  const message = await slack.waitUntil(() => slack.messages(ops)[0])
  expect(message.text).toBe('Disable bob')
  expect(await rita.press(message, 'Approve')).toEqual({ kind: 'acknowledged' })
  await slack.waitUntil(() => rita.ephemerals(ops).some((each) => each.text === 'Approved'))
  expect(slack.complaints).toEqual([])
})
