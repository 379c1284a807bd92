/* oxlint-disable unicorn/require-post-message-target-origin -- this is chat.postMessage, not window.postMessage */
import { describe, expect, test } from 'vitest'
import { client, plain, refusal, workspace } from '#test/sandbox/slack/workspace.ts'

describe('a call is refused', () => {
  test('with unknown_method when there is no such method', async () => {
    const { slack } = await workspace()
    expect(await refusal(client(slack).apiCall('chat.shout'))).toMatchObject({
      error: 'unknown_method',
      req_method: 'chat.shout',
    })
  })

  test('when it names an argument the method does not know, or lacks one it requires', async () => {
    const { slack, ops } = await workspace()
    const web = client(slack)
    const unknown = await refusal(web.apiCall('chat.postMessage', { channel: ops, text: 'x', colour: 'red' }))
    expect(unknown).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] unknown argument: colour'] },
    })
    const missing = await refusal(web.apiCall('users.info'))
    expect(missing).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] missing required field: user'] },
    })
  })

  test('when the token is missing, unknown, of the wrong type or revoked', async () => {
    const { slack } = await workspace()
    const asked = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' })
    expect(await asked.json()).toEqual({ ok: false, error: 'not_authed' })
    expect(await refusal(client(slack, { token: 'xoxb-other' }).auth.test())).toMatchObject({
      error: 'invalid_auth',
    })
    const app = client(slack, { token: slack.appToken })
    expect(await refusal(app.auth.test())).toMatchObject({ error: 'not_allowed_token_type' })
    expect(await refusal(client(slack).apps.connections.open({}))).toMatchObject({
      error: 'not_allowed_token_type',
    })
    slack.settings.appScopes = new Set()
    expect(await refusal(app.apps.connections.open({}))).toMatchObject({
      error: 'missing_scope',
      needed: 'connections:write',
    })
    slack.faults.revokeToken(slack.botToken)
    expect(await refusal(client(slack).auth.test())).toMatchObject({ error: 'token_revoked' })
    slack.faults.acceptToken(slack.botToken)
    expect(await client(slack).auth.test()).toMatchObject({ ok: true, user_id: slack.botUserId })
  })

  test('with missing_scope, naming what is needed and what there is', async () => {
    const { slack, ops } = await workspace({ scopes: ['users:read'] })
    expect(await refusal(client(slack).chat.postMessage({ channel: ops, text: 'x' }))).toMatchObject({
      error: 'missing_scope',
      needed: 'chat:write',
      provided: 'users:read',
    })
  })

  test.each([
    ['not_in_channel', { name: 'other', withBot: false }],
    ['channel_not_found', { name: 'secret', kind: 'private', withBot: false } as const],
    ['is_archived', { name: 'old', archived: true }],
  ])('with %s when the app cannot post there', async (error, channel) => {
    const { slack } = await workspace()
    const { id } = slack.addChannel(channel)
    expect(await refusal(client(slack).chat.postMessage({ channel: id, text: 'x' }))).toMatchObject({ error })
    expect(slack.messages(id)).toEqual([])
  })

  test('with a pointer to each wrong block', async () => {
    const { slack, ops } = await workspace()
    const blocks = [{ type: 'header', text: plain('x'.repeat(151)) }]
    const answer = await refusal(
      client(slack).apiCall('chat.postMessage', { channel: ops, text: 'x', blocks }),
    )
    expect(answer).toMatchObject({
      error: 'invalid_blocks',
      errors: ['must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
    })
  })

  test('with 429 and Retry-After when a channel gets too many posts, until it has waited', async () => {
    let now = 1_800_000_000_000
    const { slack, ops } = await workspace({ now: () => now })
    const web = client(slack)
    for (let index = 0; index < 5; index += 1) await web.chat.postMessage({ channel: ops, text: `${index}` })
    await expect(web.chat.postMessage({ channel: ops, text: 'x' })).rejects.toMatchObject({
      code: 'slack_webapi_rate_limited_error',
      retryAfter: 1,
    })
    now += 1000
    await web.chat.postMessage({ channel: ops, text: 'y' })
    expect(slack.messages(ops).map((message) => message.text)).toEqual(['0', '1', '2', '3', '4', 'y'])
  })

  test('with 429 after as many calls as the tier of the method allows', async () => {
    const { slack } = await workspace({ now: () => 1_800_000_000_000, limits: { rateScale: 0.25 } })
    const group = slack.addUserGroup({ handle: 'approvers' })
    const web = client(slack)
    for (let index = 0; index < 5; index += 1) await web.usergroups.users.list({ usergroup: group.id })
    await expect(web.usergroups.users.list({ usergroup: group.id })).rejects.toMatchObject({ retryAfter: 12 })
  })

  test('by a method of type GET when its arguments come as JSON, which it does not read', async () => {
    const { slack, rita } = await workspace()
    const answer = await fetch(`${slack.apiUrl}users.info`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}` },
      body: JSON.stringify({ user: rita.userId }),
    })
    expect(await answer.json()).toMatchObject({ error: 'invalid_arguments' })
  })
})

test('a message is posted from JSON as well as from a form', async () => {
  const { slack, ops } = await workspace()
  const answer = await fetch(`${slack.apiUrl}chat.postMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${slack.botToken}` },
    body: JSON.stringify({ channel: ops, text: 'hello', unfurl_links: false }),
  })
  expect(await answer.json()).toMatchObject({ ok: true, message: { text: 'hello' } })
})

test('a message is edited, replied to, linked and deleted, and its history is kept', async () => {
  const { slack, ops } = await workspace()
  const web = client(slack)
  const { ts = '' } = await web.chat.postMessage({ channel: ops, text: 'first' })
  await web.chat.postMessage({ channel: ops, text: 'reply', thread_ts: ts })
  await web.chat.update({ channel: ops, ts, text: 'second' })
  await web.chat.update({ channel: ops, ts, text: 'third' })
  const [root] = slack.messages(ops)
  expect(root).toMatchObject({
    text: 'third',
    edits: [{ text: 'first' }, { text: 'second' }],
    replies: [{ text: 'reply' }],
  })
  const { permalink } = await web.chat.getPermalink({ channel: ops, message_ts: ts })
  expect(permalink).toBe(`https://sandbox.slack.com/archives/${ops}/p${ts.replace('.', '')}`)
  await web.chat.delete({ channel: ops, ts })
  expect(slack.messages(ops)).toEqual([])
  expect(slack.message(ops, ts)?.deletedAt).toBeTypeOf('number')
})

test('an edit is refused when it is too long, of nothing, or of what the app did not write', async () => {
  const { slack, rita, ops } = await workspace()
  const web = client(slack)
  const { ts = '' } = await web.chat.postMessage({ channel: ops, text: 'x' })
  const said = await rita.say(ops, 'mine')
  const update = (change: object) => refusal(web.apiCall('chat.update', { channel: ops, ts, ...change }))
  expect(await update({ text: 'x'.repeat(4001) })).toMatchObject({ error: 'msg_too_long' })
  expect(await update({})).toMatchObject({ error: 'no_text' })
  expect(await update({ ts: '1.000000', text: 'x' })).toMatchObject({ error: 'message_not_found' })
  expect(await update({ ts: said.ts, text: 'x' })).toMatchObject({ error: 'cant_update_message' })
  slack.updateChannel(ops, { archived: true })
  expect(await update({ text: 'y' })).toMatchObject({ error: 'is_inactive' })
})

test('metadata is given back only when asked for', async () => {
  const { slack, ops } = await workspace()
  const web = client(slack)
  const metadata = { event_type: 'outbox', event_payload: { id: 'o1' } }
  const { ts = '' } = await web.chat.postMessage({ channel: ops, text: 'x', metadata })
  await web.chat.postMessage({ channel: ops, text: 'y', thread_ts: ts, metadata })
  expect((await web.conversations.history({ channel: ops })).messages?.[0]).not.toHaveProperty('metadata')
  const history = await web.conversations.history({ channel: ops, include_all_metadata: true })
  expect(history.messages).toMatchObject([{ ts, metadata }])
  const replies = await web.conversations.replies({ channel: ops, ts, include_all_metadata: true })
  expect(replies.messages).toMatchObject([
    { text: 'x', metadata },
    { text: 'y', metadata },
  ])
  const wrong = { event_type: 'x', event_payload: 'no object' }
  expect(
    await refusal(web.apiCall('chat.postMessage', { channel: ops, text: 'x', metadata: wrong })),
  ).toMatchObject({
    error: 'invalid_metadata_format',
  })
})

test('history comes newest first, in pages, between two times', async () => {
  const { slack, ops } = await workspace({ limits: { rateScale: Infinity } })
  const web = client(slack)
  for (const text of ['a', 'b', 'c', 'd']) await web.chat.postMessage({ channel: ops, text })
  const first = await web.conversations.history({ channel: ops, limit: 3 })
  expect(first.messages?.map((each) => each.text)).toEqual(['d', 'c', 'b'])
  expect(first.has_more).toBe(true)
  const cursor = first.response_metadata?.next_cursor ?? ''
  const second = await web.conversations.history({ channel: ops, limit: 3, cursor })
  expect(second.messages?.map((each) => each.text)).toEqual(['a'])
  const oldest = slack.messages(ops)[2]?.ts ?? ''
  const newer = await web.conversations.history({ channel: ops, oldest })
  expect(newer.messages?.map((each) => each.text)).toEqual(['d'])
  expect(await refusal(web.conversations.history({ channel: ops, cursor: 'x' }))).toMatchObject({
    error: 'invalid_cursor',
  })
})

test('history needs the scope of the kind of channel', async () => {
  const { slack, ops } = await workspace({ scopes: ['channels:history'] })
  const secret = slack.addChannel({ name: 'secret', kind: 'private' })
  await client(slack).conversations.history({ channel: ops })
  expect(await refusal(client(slack).conversations.history({ channel: secret.id }))).toMatchObject({
    error: 'missing_scope',
    needed: 'groups:history',
  })
})

test('an ephemeral message reaches one person in the channel and nobody else', async () => {
  const { slack, rita, ana, ops } = await workspace()
  const web = client(slack)
  const stranger = slack.addUser({ name: 'omar' })
  await web.chat.postEphemeral({ channel: ops, user: rita.userId, text: 'for you' })
  expect(rita.ephemerals(ops).map((each) => each.text)).toEqual(['for you'])
  expect(ana.sees(ops)).toEqual([])
  expect(slack.messages(ops)).toEqual([])
  const ts = rita.ephemerals(ops)[0]?.ts ?? ''
  expect(await refusal(web.chat.update({ channel: ops, ts, text: 'x' }))).toMatchObject({
    error: 'message_not_found',
  })
  const away = web.chat.postEphemeral({ channel: ops, user: stranger.id, text: 'x' })
  expect(await refusal(away)).toMatchObject({ error: 'user_not_in_channel' })
})

test('a direct message is opened by a user id and edited by the id of its channel', async () => {
  const { slack, rita } = await workspace()
  const web = client(slack)
  const { channel = '', ts = '' } = await web.chat.postMessage({ channel: rita.userId, text: 'psst' })
  expect(channel).toMatch(/^D/u)
  expect((await web.conversations.open({ users: rita.userId })).channel?.id).toBe(channel)
  expect(await refusal(web.chat.update({ channel: rita.userId, ts, text: 'x' }))).toMatchObject({
    error: 'channel_not_found',
  })
  await web.chat.update({ channel, ts, text: 'better' })
  expect(rita.directMessages().map((each) => each.text)).toEqual(['better'])
  const gone = slack.addUser({ name: 'gone', deleted: true })
  expect(await refusal(web.conversations.open({ users: gone.id }))).toMatchObject({ error: 'user_disabled' })
})

test('people are shown as they are: guests, bots, strangers, deactivated; e-mails need their scope', async () => {
  const { slack, rita } = await workspace()
  const web = client(slack)
  const guest = slack.addUser({ name: 'guest', isUltraRestricted: true })
  const stranger = slack.addUser({ name: 'stranger', isStranger: true, teamId: 'T0OTHER' })
  const gone = slack.addUser({ name: 'gone', deleted: true })
  expect((await web.users.info({ user: rita.userId })).user).toMatchObject({
    real_name: 'Rita Ramos',
    team_id: slack.teamId,
    profile: { email: 'rita@corp.example' },
  })
  expect((await web.users.info({ user: guest.id })).user).toMatchObject({
    is_restricted: true,
    is_ultra_restricted: true,
  })
  expect((await web.users.info({ user: stranger.id })).user).toMatchObject({
    is_stranger: true,
    team_id: 'T0OTHER',
  })
  expect((await web.users.info({ user: gone.id })).user).toMatchObject({ deleted: true })
  expect((await web.users.info({ user: 'USLACKBOT' })).user).toMatchObject({ is_bot: false })
  expect((await web.users.info({ user: slack.botUserId })).user).toMatchObject({ is_bot: true })
  expect((await web.users.lookupByEmail({ email: 'RITA@corp.example' })).user?.id).toBe(rita.userId)
  expect(await refusal(web.users.lookupByEmail({ email: 'gone@corp.example' }))).toMatchObject({
    error: 'users_not_found',
  })
  expect(await refusal(web.users.info({ user: 'U0NOBODY' }))).toMatchObject({ error: 'user_not_found' })
  slack.scopes.delete('users:read.email')
  expect((await web.users.info({ user: rita.userId })).user?.profile).not.toHaveProperty('email')
})

test('user groups list their people, on paid plans only', async () => {
  const { slack, rita } = await workspace()
  const web = client(slack)
  const group = slack.addUserGroup({ handle: 'approvers', users: [rita.userId] })
  expect((await web.usergroups.users.list({ usergroup: group.id })).users).toEqual([rita.userId])
  expect((await web.usergroups.list({ include_users: true })).usergroups).toMatchObject([
    { handle: 'approvers', users: [rita.userId] },
  ])
  expect(await refusal(web.usergroups.users.list({ usergroup: 'S0' }))).toMatchObject({
    error: 'no_such_subteam',
  })
  slack.settings.paid = false
  expect(await refusal(web.usergroups.list())).toMatchObject({ error: 'plan_upgrade_required' })
})

test('a file goes up in three steps, and down only with the token and the scope', async () => {
  const { slack, rita } = await workspace()
  const web = client(slack)
  const { channel = '' } = await web.chat.postMessage({ channel: rita.userId, text: 'here it comes' })
  await web.filesUploadV2({
    channel_id: channel,
    filename: 'tasks.csv',
    file: Buffer.from('id\nT-1\n'),
    title: 'Tasks',
  })
  const shared = rita.directMessages().at(-1)
  expect(shared?.files).toMatchObject([{ name: 'tasks.csv', title: 'Tasks', mimetype: 'text/csv' }])
  const info = await web.files.info({ file: shared?.files[0]?.id ?? '' })
  const url = info.file?.url_private_download ?? ''
  const withToken = await fetch(url, { headers: { authorization: `Bearer ${slack.botToken}` } })
  expect(await withToken.text()).toBe('id\nT-1\n')
  const without = await fetch(url)
  expect([without.status, await without.text()]).toEqual([200, expect.stringContaining('Sign in')])
  slack.scopes.delete('files:read')
  const unscoped = await fetch(url, { headers: { authorization: `Bearer ${slack.botToken}` } })
  expect(unscoped.headers.get('content-type')).toContain('text/html')
})

test('a file is not taken when its bytes are not as many as announced', async () => {
  const { slack } = await workspace()
  const web = client(slack)
  const { upload_url: url = '', file_id: id = '' } = await web.files.getUploadURLExternal({
    filename: 'a.txt',
    length: 3,
  })
  expect((await fetch(url, { method: 'POST', body: 'four' })).status).toBe(400)
  expect(await refusal(web.files.completeUploadExternal({ files: [{ id }] }))).toMatchObject({
    error: 'file_not_found',
  })
})

test('who is told by a post is on record, once each; edits and plain text tell nobody', async () => {
  const { slack, rita, ana, ops } = await workspace()
  const web = client(slack)
  const group = slack.addUserGroup({ handle: 'approvers' })
  const blocks = [
    {
      type: 'section' as const,
      text: { type: 'mrkdwn' as const, text: `<@${rita.userId}> <!subteam^${group.id}>` },
    },
    { type: 'section' as const, text: plain('<!channel>') },
  ]
  const { ts = '' } = await web.chat.postMessage({ channel: ops, text: `<@${rita.userId}>`, blocks })
  expect(slack.pings.map(({ kind, id }) => [kind, id])).toEqual([
    ['user', rita.userId],
    ['group', group.id],
  ])
  await web.chat.update({ channel: ops, ts, text: `<@${ana.userId}>`, blocks: [] })
  expect(slack.pings).toHaveLength(2)
  await web.chat.postMessage({ channel: ops, text: 'from a description: <!channel> &lt;!here&gt;' })
  expect(slack.pings.slice(2)).toMatchObject([{ kind: 'channel' }])
})

test('every call is on record with its arguments and its answer', async () => {
  const { slack, ops } = await workspace()
  await client(slack).chat.postMessage({ channel: ops, text: 'x', blocks: [{ type: 'divider' }] })
  await refusal(client(slack).chat.postMessage({ channel: 'C0', text: 'x' }))
  expect(slack.callsOf('chat.postMessage')).toMatchObject([
    { args: { channel: ops, blocks: [{ type: 'divider' }] }, status: 200, result: { ok: true } },
    { args: { channel: 'C0' }, status: 200, result: { ok: false, error: 'channel_not_found' } },
  ])
  expect(JSON.stringify(slack.calls)).not.toContain(slack.botToken)
})

test('a message that has blocks but no text is posted, and complained about', async () => {
  const { slack, ops } = await workspace()
  await client(slack).apiCall('chat.postMessage', { channel: ops, blocks: [{ type: 'divider' }] })
  expect(slack.messages(ops)).toHaveLength(1)
  expect(slack.complaints).toEqual([expect.stringContaining('without text')])
})
