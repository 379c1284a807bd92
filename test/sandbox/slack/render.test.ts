import { expect, test } from 'vitest'
import { client, plain, workspace } from '#test/sandbox/slack/workspace.ts'

const richText = (...elements: readonly object[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
})

test('a thread reads as people see it: plan, buttons, mentions, dates, links, replies', async () => {
  const { slack, rita, ops } = await workspace({ now: () => Date.parse('2026-11-21T03:00:00Z') })
  const web = client(slack)
  const group = slack.addUserGroup({ handle: 'approvers' })
  const at = Date.parse('2026-11-21T03:12:00Z') / 1000
  const blocks = [
    { type: 'header', text: plain('Disable User Account') },
    {
      type: 'section',
      text: {
        type: 'mrkdwn',
        text: `Requested by <@${rita.userId}> · a &lt;b&gt; · <!date^${at}^{date_short_pretty} {time}|later> · <https://a.example|docs> · <!subteam^${group.id}>`,
      },
    },
    {
      type: 'plan',
      title: 'Disabling',
      tasks: [
        {
          type: 'task_card',
          task_id: '1',
          title: 'corp-ad',
          status: 'complete',
          output: richText({ type: 'text', text: 'read back' }),
        },
        {
          type: 'task_card',
          task_id: '2',
          title: 'okta',
          status: 'error',
          details: richText({ type: 'user', user_id: rita.userId }),
        },
      ],
    },
    {
      type: 'actions',
      elements: [
        { type: 'button', action_id: 'a', text: plain('Approve') },
        { type: 'overflow', action_id: 'm', options: [{ text: plain('Cancel task'), value: 'c' }] },
      ],
    },
  ]
  await web.apiCall('chat.postMessage', { channel: ops, text: 'Disable: pending', blocks })
  const ts = slack.messages(ops)[0]?.ts
  await web.apiCall('chat.postMessage', {
    channel: ops,
    thread_ts: ts,
    text: '✔ *corp-ad* disabled `CORP\\a`',
  })
  await web.apiCall('chat.update', { channel: ops, ts, text: 'Disable: done', blocks })
  expect(slack.renderThread(ops, { withText: true }).split('\n')).toEqual([
    'drawbridge (edited):',
    '  # Disable User Account',
    '  Requested by @rita · a <b> · today 03:12 · docs (https://a.example) · @approvers',
    '  Disabling',
    '  ✔ corp-ad',
    '      read back',
    '  ✖ okta',
    '      @rita',
    '  [Approve] [⋯ Cancel task]',
    '  « Disable: done »',
    '    drawbridge:',
    '      ✔ *corp-ad* disabled `CORP\\a`',
  ])
})

test('a person reads dates in their own zone, and what only they see', async () => {
  const { slack, ops } = await workspace()
  const lou = slack.addUser({ name: 'lou', tz: 'America/New_York' })
  slack.updateChannel(ops, { members: [lou.id, slack.botUserId] })
  const at = Date.parse('2020-01-05T12:00:00Z') / 1000
  const text = `<!date^${at}^{date_num} {time}|x> <!date^${at}^{unheard_of}|the fallback>`
  await client(slack).chat.postEphemeral({ channel: ops, user: lou.id, text })
  expect(slack.as(lou.id).read(ops)).toBe(
    'drawbridge (only visible to @lou):\n  2020-01-05 07:00 the fallback',
  )
  expect(slack.renderThread(ops)).toBe('')
})
