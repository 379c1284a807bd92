import { describe, expect, test } from 'vitest'
import { ClientRefusal, type SlackMessage, type Slack } from '#src/sandbox/slack/index.ts'
import { object, objects, text } from '#src/sandbox/json.ts'
import { recorder } from '#test/sandbox/slack/recorder.ts'
import { client, plain, workspace } from '#test/sandbox/slack/workspace.ts'

const button = (more: object = {}) => ({
  type: 'button',
  action_id: 'approve',
  text: plain('Approve'),
  value: 'T-1',
  ...more,
})

async function posted(slack: Slack, channel: string, elements: readonly object[]): Promise<SlackMessage> {
  const blocks = [{ type: 'actions', block_id: 'row', elements }]
  const answer = await client(slack).apiCall('chat.postMessage', { channel, text: 'a task', blocks })
  const message = slack.message(channel, text(object(answer)['ts']))
  if (message === undefined) throw new Error('nothing was posted')
  return message
}

describe('a typed command', () => {
  test('reaches the app with the fields Slack documents', async () => {
    const { slack, rita, ops } = await workspace()
    const bodies = await recorder(slack)
    await rita.command(ops, '/disable-user  alice@corp.example   token theft ')
    expect(bodies[0]).toEqual({
      token: expect.any(String),
      team_id: slack.teamId,
      team_domain: 'sandbox',
      channel_id: ops,
      channel_name: 'ops',
      user_id: rita.userId,
      user_name: 'rita',
      command: '/disable-user',
      text: 'alice@corp.example   token theft',
      response_url: expect.stringContaining('/commands/'),
      trigger_id: expect.stringMatching(/^\d+\.\d+\.[\da-f]+$/u),
      api_app_id: slack.appId,
      is_enterprise_install: 'false',
    })
  })

  test('has mentions, channels and groups as ids, as the different clients write them', async () => {
    const { slack, rita, ana, ops } = await workspace()
    const secret = slack.addChannel({ name: 'secret', kind: 'private' })
    const group = slack.addUserGroup({ handle: 'approvers' })
    const bodies = await recorder(slack)
    await rita.command(ops, '/x @ana #ops #secret @approvers <b> & c@d.example')
    await rita.command(ops, '/x @ana', { bareMentions: true })
    await rita.command(ops, '/x a@b.example', { mailtoLinks: true })
    await rita.command(secret.id, '/x --all', { onPhone: true })
    expect(bodies.map((body) => [body['channel_name'], body['text']])).toEqual([
      [
        'ops',
        `<@${ana.userId}|ana> <#${ops}|ops> <#${secret.id}|> <!subteam^${group.id}|@approvers> &lt;b&gt; &amp; c@d.example`,
      ],
      ['ops', `<@${ana.userId}>`],
      ['ops', '<mailto:a@b.example|a@b.example>'],
      ['privategroup', '—all'],
    ])
  })

  test('stays as typed without should_escape, and one that does not exist is refused by the client', async () => {
    const { slack, rita, ops } = await workspace({ commands: [{ name: '/raw', shouldEscape: false }] })
    const bodies = await recorder(slack)
    await rita.command(ops, '/raw @ana & co')
    expect(bodies[0]?.['text']).toBe('@ana & co')
    await expect(rita.command(ops, '/other')).rejects.toThrow(ClientRefusal)
    const elsewhere = slack.addChannel({ name: 'elsewhere', members: [] })
    await expect(rita.command(elsewhere.id, '/raw')).rejects.toThrow('not in')
  })

  test('works in the direct message with the app', async () => {
    const { slack, rita } = await workspace()
    const bodies = await recorder(slack)
    await rita.command(rita.directChannel(), '/tasks')
    const { channel } = await client(slack).conversations.open({ users: rita.userId })
    expect(bodies[0]).toMatchObject({ channel_id: channel?.id, channel_name: 'directmessage' })
  })
})

describe('a click', () => {
  test('in a message carries the message, the state and the action', async () => {
    const { slack, rita, ops } = await workspace()
    const bodies = await recorder(slack)
    const select = { type: 'static_select', action_id: 'pick', options: [{ text: plain('One'), value: '1' }] }
    const message = await posted(slack, ops, [button(), select])
    await rita.press(message, 'Approve')
    await rita.choose(message, 'pick', 'One')
    expect(bodies[0]).toMatchObject({
      type: 'block_actions',
      user: { id: rita.userId, username: 'rita', team_id: slack.teamId },
      container: { type: 'message', message_ts: message.ts, channel_id: ops, is_ephemeral: false },
      channel: { id: ops, name: 'ops' },
      message: { ts: message.ts, text: 'a task' },
      state: { values: { row: { pick: { type: 'static_select', selected_option: null } } } },
      actions: [{ type: 'button', action_id: 'approve', block_id: 'row', value: 'T-1' }],
      response_url: expect.stringContaining('/actions/'),
    })
    const one = { text: plain('One'), value: '1' }
    expect(bodies[1]).toMatchObject({
      state: { values: { row: { pick: { selected_option: one } } } },
      actions: [{ type: 'static_select', action_id: 'pick', selected_option: one }],
    })
  })

  test('in an ephemeral message comes without the message, and only its response_url can change it', async () => {
    const { slack, rita, ana, ops } = await workspace()
    const bodies = await recorder(slack)
    const blocks = [{ type: 'actions', elements: [button()] }]
    await client(slack).apiCall('chat.postEphemeral', {
      channel: ops,
      user: rita.userId,
      text: 'for you',
      blocks,
    })
    const [shown] = rita.ephemerals(ops)
    await expect(ana.press(shown!, 'Approve')).rejects.toThrow('does not see')
    await rita.press(shown!, 'Approve')
    expect(bodies[0]).not.toHaveProperty('message')
    expect(bodies[0]).toMatchObject({ container: { is_ephemeral: true } })
    const respond = async (body: object): Promise<unknown> => {
      const answer = await fetch(text(bodies[0]?.['response_url']), {
        method: 'POST',
        body: JSON.stringify(body),
      })
      return [answer.status, await answer.json()]
    }
    expect(await respond({ replace_original: true, text: 'changed' })).toEqual([200, { ok: true }])
    expect(rita.ephemerals(ops).map((each) => each.text)).toEqual(['changed'])
    await respond({ text: 'another' })
    await respond({ delete_original: true })
    expect(rita.ephemerals(ops).map((each) => each.text)).toEqual(['another'])
    await respond({ response_type: 'in_channel', text: 'for all' })
    expect(slack.messages(ops).map((each) => each.text)).toEqual(['for all'])
    expect(await respond({ colour: 'red' })).toEqual([400, { ok: false, error: 'invalid_payload' }])
    await respond({ text: 'the fifth' })
    expect(await respond({ text: 'the sixth' })).toEqual([404, { ok: false, error: 'used_url' }])
  })

  test('an answer after 30 minutes comes too late', async () => {
    let now = 1_800_000_000_000
    const { slack, rita, ops } = await workspace({ now: () => now })
    const bodies = await recorder(slack)
    await rita.command(ops, '/tasks')
    now += 30 * 60_000 + 1
    const answer = await fetch(text(bodies[0]?.['response_url']), { method: 'POST', body: '{"text":"x"}' })
    expect([answer.status, await answer.json()]).toEqual([404, { ok: false, error: 'expired_url' }])
  })

  test('on a message that was kept is the click on what stood there then', async () => {
    const { slack, rita, ops } = await workspace()
    const bodies = await recorder(slack)
    const kept = await posted(slack, ops, [button()])
    await client(slack).chat.update({ channel: ops, ts: kept.ts, text: 'done', blocks: [] })
    await rita.press(kept, 'approve')
    expect(bodies[0]).toMatchObject({ message: { text: 'a task' }, actions: [{ action_id: 'approve' }] })
    await expect(rita.press(slack.messages(ops)[0]!, 'approve')).rejects.toThrow('there is no approve')
  })

  test('by an impatient person arrives twice', async () => {
    const { slack, rita, ops } = await workspace()
    const bodies = await recorder(slack)
    const message = await posted(slack, ops, [button()])
    await Promise.all([rita.press(message, 'approve'), rita.press(message, 'approve')])
    expect(bodies).toHaveLength(2)
  })

  test('in an overflow menu names the option; with a confirm one can decline', async () => {
    const { slack, rita, ops } = await workspace()
    const bodies = await recorder(slack)
    const confirm = { title: plain('Sure?'), text: plain('Really'), confirm: plain('Yes'), deny: plain('No') }
    const menu = {
      type: 'overflow',
      action_id: 'more',
      confirm,
      options: [{ text: plain('Cancel task'), value: 'cancel' }],
    }
    const message = await posted(slack, ops, [menu])
    expect(await rita.press(message, 'more', { option: 'cancel', confirm: false })).toEqual({
      kind: 'nothing_sent',
    })
    await rita.press(message, 'more', { option: 'Cancel task' })
    expect(bodies).toMatchObject([{ actions: [{ type: 'overflow', selected_option: { value: 'cancel' } }] }])
    await expect(rita.press(message, 'more', { option: 'other' })).rejects.toThrow(ClientRefusal)
  })

  test('of a stranger from another company carries their own team', async () => {
    const { slack, ops } = await workspace()
    const bodies = await recorder(slack)
    const stranger = slack.addUser({ name: 'eve', isStranger: true, teamId: 'T0OTHER' })
    slack.updateChannel(ops, { members: [stranger.id, slack.botUserId] })
    await slack.as(stranger.id).press(await posted(slack, ops, [button()]), 'approve')
    expect(bodies[0]).toMatchObject({ user: { team_id: 'T0OTHER' }, team: { id: slack.teamId } })
  })
})

test('shortcuts reach the app, in a message with the message', async () => {
  const { slack, rita, ops } = await workspace()
  const bodies = await recorder(slack)
  const message = await rita.say(ops, 'alert about alice@corp.example and @ana')
  await rita.shortcut('disable', message)
  await rita.shortcut('disable_global')
  expect(bodies).toMatchObject([
    {
      type: 'message_action',
      callback_id: 'disable',
      message_ts: message.ts,
      channel: { id: ops },
      message: { text: message.text },
    },
    { type: 'shortcut', callback_id: 'disable_global', trigger_id: expect.any(String) },
  ])
})

test('a shortcut that the app does not have is not in the menu', async () => {
  const { rita, ops } = await workspace({ shortcuts: [{ id: 'disable', place: 'message' }] })
  const message = await rita.say(ops, 'alert')
  await expect(rita.shortcut('enable', message)).rejects.toThrow(ClientRefusal)
  await expect(rita.shortcut('disable')).rejects.toThrow(ClientRefusal)
})

test('a shared file is told to an app that subscribed to file_shared, and to no other', async () => {
  const { slack, rita, ops } = await workspace({ events: ['file_shared'] })
  const bodies = await recorder(slack)
  const message = await rita.share(ops, { name: 'people.csv', content: 'email\na@b.example\n' })
  await expect
    .poll(() => objects(bodies))
    .toMatchObject([
      { type: 'event_callback', event: { type: 'file_shared', file_id: message.files[0]?.id } },
    ])
  await rita.openHome()
  expect(bodies).toHaveLength(1)
})

test('one can follow what happens, as a page in a browser would', async () => {
  const { slack, rita, ops } = await workspace()
  let changes = 0
  const stop = slack.onChange(() => {
    changes += 1
  })
  await rita.say(ops, 'hello')
  expect(changes).toBe(1)
  stop()
  await rita.say(ops, 'again')
  expect(changes).toBe(1)
  expect(slack.users().map((user) => user.name)).toEqual(['drawbridge', 'slackbot', 'rita', 'ana'])
  expect(slack.channels().map((channel) => channel.name)).toEqual(['ops'])
})

test('a wait that is in vain says for what', async () => {
  const { slack } = await workspace()
  const waiting = slack.waitUntil(() => false, { timeoutMs: 20, what: 'a miracle' })
  await expect(waiting).rejects.toThrow('Waited 20 ms in vain for a miracle')
})
