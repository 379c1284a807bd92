import { describe, expect, test } from 'vitest'
import { ClientRefusal, type Modal, type Person, type Slack } from '#src/sandbox/slack/index.ts'
import { object, text, type Json } from '#src/sandbox/json.ts'
import { never, recorder } from '#test/sandbox/slack/recorder.ts'
import { client, plain, refusal, workspace } from '#test/sandbox/slack/workspace.ts'

const field = (blockId: string, element: object, more: object = {}) => ({
  type: 'input',
  block_id: blockId,
  label: plain(`Label of ${blockId}`),
  element: { action_id: 'value', ...element },
  ...more,
})
const view = (blocks: readonly object[], more: object = {}): object => ({
  type: 'modal',
  callback_id: 'form',
  title: plain('A form'),
  submit: plain('Go'),
  blocks,
  ...more,
})
const name = field('name', { type: 'plain_text_input' })

/** Rita types a command, and the app opens this form for her. */
async function opened(
  slack: Slack,
  rita: Person,
  ops: string,
  bodies: readonly Json[],
  form: object,
): Promise<Modal> {
  await rita.command(ops, '/form')
  await client(slack).apiCall('views.open', { trigger_id: text(bodies.at(-1)?.['trigger_id']), view: form })
  return rita.modal('form')
}

async function setting(form: object, answer?: (body: Json) => unknown) {
  const at = await workspace()
  const bodies = await recorder(at.slack, answer)
  const modal = await opened(at.slack, at.rita, at.ops, bodies, form)
  return { ...at, bodies, modal, web: client(at.slack) }
}

describe('opening', () => {
  test('works once, within three seconds, with a trigger that exists', async () => {
    let now = 1_800_000_000_000
    const { slack, rita, ops } = await workspace({ now: () => now })
    const bodies = await recorder(slack)
    await opened(slack, rita, ops, bodies, view([name]))
    const open = (id: string) =>
      refusal(client(slack).apiCall('views.open', { trigger_id: id, view: view([name]) }))
    expect(await open(text(bodies[0]?.['trigger_id']))).toMatchObject({ error: 'exchanged_trigger_id' })
    expect(await open('1.2.abc')).toMatchObject({ error: 'invalid_trigger_id' })
    await rita.command(ops, '/form')
    now += 3001
    expect(await open(text(bodies[1]?.['trigger_id']))).toMatchObject({ error: 'expired_trigger_id' })
  })

  test('goes three deep, and updating a closed form finds nothing', async () => {
    const at = await setting(
      view([
        {
          type: 'actions',
          block_id: 'row',
          elements: [{ type: 'button', action_id: 'more', text: plain('More') }],
        },
      ]),
    )
    const push = async (): Promise<unknown> => {
      const top = at.rita.modals().at(-1)!
      await top.press('more')
      const trigger_id = text(at.bodies.at(-1)?.['trigger_id'])
      return at.web.apiCall('views.push', { trigger_id, view: top.view().content })
    }
    await push()
    await push()
    expect(at.rita.modals()).toHaveLength(3)
    expect(await refusal(push())).toMatchObject({ error: 'push_limit_reached' })
    const [first, , third] = at.rita.modals()
    expect(third!.view()).toMatchObject({ rootViewId: first!.id })
    await third!.close('all')
    expect(at.rita.modals()).toEqual([])
    expect(
      await refusal(at.web.apiCall('views.update', { view_id: first!.id, view: view([name]) })),
    ).toMatchObject({ error: 'not_found' })
  })
})

describe('updating', () => {
  test('keeps what was typed where block and action stay the same, and only there', async () => {
    const { modal, web } = await setting(view([name, field('why', { type: 'plain_text_input' })]))
    await modal.fill('name', 'alice')
    await modal.fill('why', 'theft')
    const next = view([name, field('why2', { type: 'plain_text_input', initial_value: 'new' })])
    await web.apiCall('views.update', { view_id: modal.id, view: next })
    expect(modal.value('name')).toMatchObject({ value: 'alice' })
    expect(modal.value('why2')).toMatchObject({ value: 'new' })
    await expect(modal.fill('why', 'x')).rejects.toThrow('there is no why')
  })

  test('with the hash of an older form is a conflict', async () => {
    const { modal, web } = await setting(view([name]))
    const { hash } = modal.view()
    await web.apiCall('views.update', { view_id: modal.id, hash, view: view([name]) })
    const again = web.apiCall('views.update', { view_id: modal.id, hash, view: view([name]) })
    expect(await refusal(again)).toMatchObject({ error: 'hash_conflict' })
  })

  test('is found by external_id, which can be used only once', async () => {
    const at = await setting(view([name], { external_id: 'mine' }))
    await at.web.apiCall('views.update', {
      external_id: 'mine',
      view: view([name], { external_id: 'mine', title: plain('New') }),
    })
    expect(at.modal.title()).toBe('New')
    await at.ana.command(at.ops, '/form')
    const trigger_id = text(at.bodies.at(-1)?.['trigger_id'])
    const taken = at.web.apiCall('views.open', { trigger_id, view: view([name], { external_id: 'mine' }) })
    expect(await refusal(taken)).toMatchObject({ error: 'duplicate_external_id' })
  })
})

describe('the client', () => {
  test('does not send a form with empty required fields or wrong values', async () => {
    const form = view([
      name,
      field('note', { type: 'plain_text_input', min_length: 3 }, { optional: true }),
      field('mail', { type: 'email_text_input' }),
      field('count', { type: 'number_input', is_decimal_allowed: false, min_value: '1', max_value: '9' }),
      field('page', { type: 'url_text_input' }, { optional: true }),
    ])
    const { modal, bodies } = await setting(form)
    await modal.fill('mail', 'no mail')
    await modal.fill('count', '10')
    await modal.fill('page', 'nowhere')
    const refused = await modal.submit()
    expect(refused).toMatchObject({ kind: 'refused' })
    expect(Object.keys('errors' in refused ? refused.errors : {})).toEqual(['name', 'mail', 'count', 'page'])
    expect(bodies).toHaveLength(1)
    await modal.fill('note', 'ab')
    expect(await modal.submit()).toMatchObject({ errors: { note: expect.any(String) } })
  })

  test('does not let one type more than fits, or pick what is not offered', async () => {
    const options = [{ text: plain('One'), value: '1' }]
    const { modal } = await setting(
      view([
        field('name', { type: 'plain_text_input', max_length: 3 }),
        field('pick', { type: 'static_select', options }),
        field('list', { type: 'file_input', filetypes: ['csv'], max_files: 1 }),
      ]),
    )
    await expect(modal.fill('name', 'four')).rejects.toThrow(ClientRefusal)
    await expect(modal.fill('name', 'a\nb')).rejects.toThrow(ClientRefusal)
    await expect(modal.fill('pick', '2')).rejects.toThrow(ClientRefusal)
    await expect(modal.attach('list', [{ name: 'a.txt', content: '' }])).rejects.toThrow('csv only')
    const large = { name: 'a.csv', content: Buffer.alloc(10 * 1024 * 1024 + 1) }
    await expect(modal.attach('list', [large])).rejects.toThrow('more than 10 MB')
  })
})

test('a submission carries the state of every element in the documented shape', async () => {
  const options = [
    { text: plain('One'), value: '1' },
    { text: plain('Two'), value: '2' },
  ]
  const at = await setting(
    view([
      name,
      field('count', { type: 'number_input', is_decimal_allowed: false }),
      field('day', { type: 'datepicker' }, { optional: true }),
      field('hour', { type: 'timepicker', timezone: 'Europe/Berlin' }, { optional: true }),
      field('until', { type: 'datetimepicker' }),
      field('boxes', { type: 'checkboxes', options }, { optional: true }),
      field('radio', { type: 'radio_buttons', options, initial_option: options[1] }),
      field('who', { type: 'users_select' }),
      field('many', { type: 'multi_users_select' }, { optional: true }),
      field('list', { type: 'file_input' }),
    ]),
  )
  await at.modal.fill('Label of name', 'alice')
  await at.modal.fill('count', 7)
  await at.modal.fill('until', new Date('2027-01-01T00:00:00Z'))
  await at.modal.fill('who', at.ana.userId)
  await at.modal.attach('list', [{ name: 'a.csv', content: 'x' }])
  expect(await at.modal.submit()).toEqual({ kind: 'closed' })
  const body = object(at.bodies[1])
  expect(body).toMatchObject({ type: 'view_submission', response_urls: [], view: { callback_id: 'form' } })
  expect(object(object(body['view'])['state'])['values']).toEqual({
    name: { value: { type: 'plain_text_input', value: 'alice' } },
    count: { value: { type: 'number_input', value: '7' } },
    day: { value: { type: 'datepicker', selected_date: null } },
    hour: { value: { type: 'timepicker', selected_time: null, timezone: 'Europe/Berlin' } },
    until: { value: { type: 'datetimepicker', selected_date_time: 1_798_761_600 } },
    boxes: { value: { type: 'checkboxes', selected_options: [] } },
    radio: { value: { type: 'radio_buttons', selected_option: options[1] } },
    who: { value: { type: 'users_select', selected_user: at.ana.userId } },
    many: { value: { type: 'multi_users_select', selected_users: [] } },
    list: { value: { type: 'file_input', files: [expect.objectContaining({ name: 'a.csv', size: 1 })] } },
  })
})

describe('the answer to a submission', () => {
  const answered = async (reply: unknown) => {
    const at = await setting(view([{ type: 'section', block_id: 'words', text: plain('x') }, name]), (body) =>
      body['type'] === 'view_submission' ? reply : undefined,
    )
    await at.modal.fill('name', 'alice')
    return { ...at, result: await at.modal.submit() }
  }

  test('puts sentences under inputs', async () => {
    const { modal, result } = await answered({
      response_action: 'errors',
      errors: { name: 'Nobody is called that.' },
    })
    expect(result).toEqual({ kind: 'errors', errors: { name: 'Nobody is called that.' } })
    expect(modal.isOpen()).toBe(true)
    expect(modal.read()).toContain('⚠ Nobody is called that.')
    expect(Object.keys(modal.errors())).toEqual(['name'])
  })

  test.each([
    ['errors for a block that is no input', { response_action: 'errors', errors: { words: 'x' } }],
    ['errors for a block that is not there', { response_action: 'errors', errors: { other: 'x' } }],
    ['a wrong view', { response_action: 'update', view: view([name], { title: plain('x'.repeat(25)) }) }],
    ['an unknown action', { response_action: 'shout' }],
  ])('with %s is trouble for the person, and noted', async (_what, reply) => {
    const { slack, modal, result } = await answered(reply)
    expect(result).toEqual({ kind: 'trouble', error: 'bad_answer' })
    expect(modal.isOpen()).toBe(true)
    expect(slack.complaints).toHaveLength(1)
  })

  test('replaces the form, lays another on top, or closes them all', async () => {
    const updated = await answered({
      response_action: 'update',
      view: view([name], { title: plain('Working') }),
    })
    expect([updated.result.kind, updated.modal.title()]).toEqual(['updated', 'Working'])
    const pushed = await answered({ response_action: 'push', view: view([name], { title: plain('Second') }) })
    expect(pushed.rita.modals().map((each) => each.title())).toEqual(['A form', 'Second'])
    const cleared = await answered({ response_action: 'clear' })
    expect([cleared.result.kind, cleared.rita.modals()]).toEqual(['cleared', []])
  })

  test('that does not come leaves the form open', async () => {
    const at = await workspace({ limits: { ackMs: 1000 } })
    const bodies = await recorder(at.slack, (body) =>
      body['type'] === 'view_submission' ? never : undefined,
    )
    const modal = await opened(at.slack, at.rita, at.ops, bodies, view([name]))
    await modal.fill('name', 'alice')
    expect(await modal.submit()).toEqual({ kind: 'trouble', error: 'operation_timeout' })
    expect(modal.isOpen()).toBe(true)
  })
})

test('an impatient person submits twice, and a slow client submits what it still shows', async () => {
  const { modal, web, bodies } = await setting(view([name]))
  await modal.fill('name', 'alice')
  const slow = modal.frozen()
  await web.apiCall('views.update', {
    view_id: modal.id,
    view: view([field('other', { type: 'plain_text_input' })]),
  })
  await Promise.all([slow.submit(), slow.submit()])
  const submissions = bodies.filter((body) => body['type'] === 'view_submission')
  expect(submissions).toHaveLength(2)
  expect(submissions[0]).toMatchObject({
    view: { state: { values: { name: { value: { value: 'alice' } } } } },
  })
})

test('inputs tell the app at once only with dispatch_action, text on Enter or on each character', async () => {
  const typing = {
    type: 'plain_text_input',
    dispatch_action_config: { trigger_actions_on: ['on_character_entered'] },
  }
  const { modal, bodies } = await setting(
    view([
      name,
      field('find', { type: 'plain_text_input' }, { dispatch_action: true }),
      field('live', typing, { dispatch_action: true }),
      field('quiet', { type: 'users_select' }),
      { type: 'actions', block_id: 'row', elements: [{ type: 'users_select', action_id: 'loud' }] },
    ]),
  )
  expect(await modal.enter('name')).toEqual({ kind: 'nothing_sent' })
  expect(await modal.fill('find', 'alice')).toEqual({ kind: 'nothing_sent' })
  expect(await modal.fill('quiet', 'U1')).toEqual({ kind: 'nothing_sent' })
  await modal.enter('find')
  await modal.fill('live', 'x')
  await modal.fill('loud', 'U2')
  expect(bodies.slice(1)).toMatchObject([
    {
      container: { type: 'view', view_id: modal.id },
      actions: [{ type: 'plain_text_input', block_id: 'find', value: 'alice' }],
    },
    { actions: [{ block_id: 'live', value: 'x' }] },
    { actions: [{ type: 'users_select', action_id: 'loud', selected_user: 'U2' }], view: { id: modal.id } },
  ])
})

test('a menu asks the app for its options from three characters on, and offers only good ones', async () => {
  const good = { text: plain('Alice'), value: 'a' }
  let reply: unknown = { options: [good] }
  const { slack, modal, bodies } = await setting(view([field('who', { type: 'external_select' })]), (body) =>
    body['type'] === 'block_suggestion' ? reply : undefined,
  )
  expect(await modal.suggest('who', 'al')).toEqual([])
  expect(bodies).toHaveLength(1)
  expect(await modal.suggest('who', 'ali')).toEqual([good])
  expect(bodies[1]).toMatchObject({
    type: 'block_suggestion',
    block_id: 'who',
    action_id: 'value',
    value: 'ali',
  })
  await modal.fill('who', 'Alice')
  expect(modal.value('who')).toMatchObject({ selected_option: good })
  reply = { options: Array.from({ length: 101 }, (_, index) => ({ text: plain('x'), value: `${index}` })) }
  expect(await modal.suggest('who', 'alice')).toEqual([])
  expect(slack.complaints).toHaveLength(1)
})

test('closing is told only with notify_on_close: Cancel by that form, the x by the first one', async () => {
  const { modal, bodies } = await setting(view([name], { notify_on_close: true }))
  await modal.close()
  expect(bodies.at(-1)).toMatchObject({ type: 'view_closed', is_cleared: false, view: { id: modal.id } })
  const quiet = await setting(view([name]))
  await quiet.modal.close('all')
  expect(quiet.bodies).toHaveLength(1)
  await expect(quiet.modal.fill('name', 'x')).rejects.toThrow('is closed')
})

test('sentences under inputs are gone with the next try', async () => {
  let reply: unknown = { response_action: 'errors', errors: { name: 'No.' } }
  const at = await workspace({ limits: { ackMs: 1000 } })
  const bodies = await recorder(at.slack, (body) => (body['type'] === 'view_submission' ? reply : undefined))
  const modal = await opened(at.slack, at.rita, at.ops, bodies, view([name]))
  await modal.fill('name', 'alice')
  await modal.submit()
  expect(modal.errors()).toEqual({ name: 'No.' })
  reply = never
  expect(await modal.submit()).toMatchObject({ kind: 'trouble' })
  expect(modal.errors()).toEqual({})
})
