import { describe, expect, test } from 'vitest'
import { checkBlocks } from '#src/sandbox/slack/blocks/message.ts'
import { checkView } from '#src/sandbox/slack/blocks/view.ts'
import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import { slackLimits } from '#src/sandbox/slack/limits.ts'
import type { World } from '#src/sandbox/slack/world.ts'
import { plain, workspace } from '#test/sandbox/slack/workspace.ts'

const x = (count: number): string => 'x'.repeat(count)
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i))
const option = (text = 'a', value = 'a') => ({ text: plain(text), value })
const options = (count: number) => times(count, (index) => option(`o${index}`, `v${index}`))
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })
const actions = (...elements: readonly object[]) => ({ type: 'actions', elements })
const button = (more: object = {}) => ({ type: 'button', action_id: 'a', text: plain('Go'), ...more })
const input = (element: object, more: object = {}) => ({
  type: 'input',
  block_id: 'b',
  label: plain('Label'),
  element,
  ...more,
})
const modal = (blocks: readonly object[], more: object = {}) => ({
  type: 'modal',
  title: plain('Title'),
  submit: plain('Go'),
  blocks,
  ...more,
})
const task = (more: object = {}) => ({
  type: 'task_card',
  task_id: 't',
  title: 'corp-ad',
  status: 'pending',
  ...more,
})
const plan = (...tasks: readonly object[]) => ({ type: 'plan', title: 'Disable', tasks })
const confirm = (more: object) => ({
  title: plain('Sure?'),
  text: plain('Really'),
  confirm: plain('Yes'),
  deny: plain('No'),
  ...more,
})
const table = (rows: number, columns: number) => ({
  type: 'table',
  rows: times(rows, () => times(columns, () => ({ type: 'raw_text', text: 'c' }))),
})

type Limited = readonly [what: string, fits: readonly object[], tooMuch: readonly object[]]

const inMessages: readonly Limited[] = [
  ['section text 3000', [section(x(3000))], [section(x(3001))]],
  ['no empty text', [section('x')], [section('')]],
  [
    '10 fields',
    [{ type: 'section', fields: times(10, () => plain('f')) }],
    [{ type: 'section', fields: times(11, () => plain('f')) }],
  ],
  [
    'field text 2000',
    [{ type: 'section', fields: [plain(x(2000))] }],
    [{ type: 'section', fields: [plain(x(2001))] }],
  ],
  ['a section says something', [section('x')], [{ type: 'section' }]],
  ['header 150', [{ type: 'header', text: plain(x(150)) }], [{ type: 'header', text: plain(x(151)) }]],
  [
    'header is plain',
    [{ type: 'header', text: plain('x') }],
    [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }],
  ],
  [
    '25 elements',
    [actions(...times(25, (i) => button({ action_id: `a${i}` })))],
    [actions(...times(26, (i) => button({ action_id: `a${i}` })))],
  ],
  ['no empty row', [actions(button())], [actions()]],
  [
    '10 context elements',
    [{ type: 'context', elements: times(10, () => plain('c')) }],
    [{ type: 'context', elements: times(11, () => plain('c')) }],
  ],
  ['button text 75', [actions(button({ text: plain(x(75)) }))], [actions(button({ text: plain(x(76)) }))]],
  ['button value 2000', [actions(button({ value: x(2000) }))], [actions(button({ value: x(2001) }))]],
  [
    'accessibility label 75',
    [actions(button({ accessibility_label: x(75) }))],
    [actions(button({ accessibility_label: x(76) }))],
  ],
  ['button style', [actions(button({ style: 'danger' }))], [actions(button({ style: 'red' }))]],
  [
    'url 3000',
    [actions(button({ url: `https://a.example/${x(2900)}` }))],
    [actions(button({ url: `https://a.example/${x(3000)}` }))],
  ],
  ['action_id 255', [actions(button({ action_id: x(255) }))], [actions(button({ action_id: x(256) }))]],
  ['block_id 255', [{ type: 'divider', block_id: x(255) }], [{ type: 'divider', block_id: x(256) }]],
  [
    '5 overflow options',
    [actions({ type: 'overflow', action_id: 'a', options: options(5) })],
    [actions({ type: 'overflow', action_id: 'a', options: options(6) })],
  ],
  [
    '100 options',
    [actions({ type: 'static_select', action_id: 'a', options: options(100) })],
    [actions({ type: 'static_select', action_id: 'a', options: options(101) })],
  ],
  [
    '10 checkboxes',
    [actions({ type: 'checkboxes', action_id: 'a', options: options(10) })],
    [actions({ type: 'checkboxes', action_id: 'a', options: options(11) })],
  ],
  [
    '10 radio buttons',
    [actions({ type: 'radio_buttons', action_id: 'a', options: options(10) })],
    [actions({ type: 'radio_buttons', action_id: 'a', options: options(11) })],
  ],
  [
    'option text 75',
    [actions({ type: 'overflow', action_id: 'a', options: [option(x(75))] })],
    [actions({ type: 'overflow', action_id: 'a', options: [option(x(76))] })],
  ],
  [
    'option value 150',
    [actions({ type: 'overflow', action_id: 'a', options: [option('a', x(150))] })],
    [actions({ type: 'overflow', action_id: 'a', options: [option('a', x(151))] })],
  ],
  [
    'confirm title 100',
    [actions(button({ confirm: confirm({ title: plain(x(100)) }) }))],
    [actions(button({ confirm: confirm({ title: plain(x(101)) }) }))],
  ],
  [
    'confirm text 300',
    [actions(button({ confirm: confirm({ text: plain(x(300)) }) }))],
    [actions(button({ confirm: confirm({ text: plain(x(301)) }) }))],
  ],
  [
    'confirm buttons 30',
    [actions(button({ confirm: confirm({ deny: plain(x(30)) }) }))],
    [actions(button({ confirm: confirm({ deny: plain(x(31)) }) }))],
  ],
  [
    'placeholder 150',
    [actions({ type: 'users_select', action_id: 'a', placeholder: plain(x(150)) })],
    [actions({ type: 'users_select', action_id: 'a', placeholder: plain(x(151)) })],
  ],
  ['50 blocks', times(50, () => ({ type: 'divider' })), times(51, () => ({ type: 'divider' }))],
  ['table of 100 rows', [table(100, 1)], [table(101, 1)]],
  ['table of 20 columns', [table(1, 20)], [table(1, 21)]],
  ['one table', [table(1, 1)], [table(1, 1), table(1, 1)]],
  ['one plan', [plan(task())], [plan(task()), plan(task())]],
  ['task ids once', [plan(task(), task({ task_id: 'u' }))], [plan(task(), task())]],
  ['task status', [plan(task({ status: 'error' }))], [plan(task({ status: 'failed' }))]],
  [
    'card of 3 buttons',
    [{ type: 'card', actions: times(3, () => ({ type: 'button', text: plain('x') })) }],
    [{ type: 'card', actions: times(4, () => ({ type: 'button', text: plain('x') })) }],
  ],
  [
    'container of 10',
    [{ type: 'container', title: plain('c'), child_blocks: times(10, () => section('x')) }],
    [{ type: 'container', title: plain('c'), child_blocks: times(11, () => section('x')) }],
  ],
  [
    'block_ids once',
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'b' },
    ],
    [
      { type: 'divider', block_id: 'a' },
      { type: 'divider', block_id: 'a' },
    ],
  ],
  ['action_ids once in a block', [actions(button()), actions(button())], [actions(button(), button())]],
  [
    'initial option offered',
    [
      actions({
        type: 'static_select',
        action_id: 'a',
        options: options(2),
        initial_option: option('o1', 'v1'),
      }),
    ],
    [
      actions({
        type: 'static_select',
        action_id: 'a',
        options: options(2),
        initial_option: option('other', 'v1'),
      }),
    ],
  ],
  [
    'options of different value',
    [actions({ type: 'static_select', action_id: 'a', options: options(2) })],
    [actions({ type: 'static_select', action_id: 'a', options: [option('a'), option('b')] })],
  ],
  ['known properties', [{ type: 'divider' }], [{ type: 'divider', colour: 'red' }]],
  ['known blocks', [{ type: 'divider' }], [{ type: 'line' }]],
  [
    'pictures have words',
    [{ type: 'image', image_url: 'https://a.example/x.png', alt_text: 'A cat' }],
    [{ type: 'image', image_url: 'https://a.example/x.png' }],
  ],
  ['no alert in messages', [section('x')], [{ type: 'alert', text: plain('x') }]],
  [
    'no e-mail input in messages',
    [input({ type: 'plain_text_input', action_id: 'a' })],
    [input({ type: 'email_text_input', action_id: 'a' })],
  ],
  [
    '12,000 of markdown together',
    [
      { type: 'markdown', text: x(5000) },
      { type: 'markdown', text: x(5000) },
    ],
    [
      { type: 'markdown', text: x(6001) },
      { type: 'markdown', text: x(6001) },
    ],
  ],
]

const inViews: readonly (readonly [what: string, fits: object, tooMuch: object])[] = [
  ['title 24', modal([], { title: plain(x(24)) }), modal([], { title: plain(x(25)) })],
  ['submit 24', modal([], { submit: plain(x(24)) }), modal([], { submit: plain(x(25)) })],
  ['close 24', modal([], { close: plain(x(24)) }), modal([], { close: plain(x(25)) })],
  [
    '100 blocks',
    modal(times(100, () => ({ type: 'divider' }))),
    modal(times(101, () => ({ type: 'divider' }))),
  ],
  [
    'private_metadata 3000',
    modal([], { private_metadata: x(3000) }),
    modal([], { private_metadata: x(3001) }),
  ],
  ['callback_id 255', modal([], { callback_id: x(255) }), modal([], { callback_id: x(256) })],
  [
    'label 2000',
    modal([input({ type: 'datepicker', action_id: 'a' }, { label: plain(x(2000)) })]),
    modal([input({ type: 'datepicker', action_id: 'a' }, { label: plain(x(2001)) })]),
  ],
  [
    'max_length 3000',
    modal([input({ type: 'plain_text_input', action_id: 'a', max_length: 3000 })]),
    modal([input({ type: 'plain_text_input', action_id: 'a', max_length: 3001 })]),
  ],
  [
    'initial value within max_length',
    modal([input({ type: 'plain_text_input', action_id: 'a', max_length: 3, initial_value: 'abc' })]),
    modal([input({ type: 'plain_text_input', action_id: 'a', max_length: 3, initial_value: 'abcd' })]),
  ],
  [
    'inputs need submit',
    modal([section('x')], { submit: undefined }),
    modal([input({ type: 'datepicker', action_id: 'a' })], { submit: undefined }),
  ],
  [
    'files 1 to 10',
    modal([input({ type: 'file_input', action_id: 'a', max_files: 10 })]),
    modal([input({ type: 'file_input', action_id: 'a', max_files: 11 })]),
  ],
  [
    'one focus',
    modal([input({ type: 'datepicker', action_id: 'a', focus_on_load: true })]),
    modal([
      input({ type: 'datepicker', action_id: 'a', focus_on_load: true }),
      input({ type: 'datepicker', action_id: 'a', focus_on_load: true }, { block_id: 'c' }),
    ]),
  ],
  ['no plan in modals', modal([section('x')]), modal([plan(task())])],
  [
    'number inputs say whether decimals',
    modal([input({ type: 'number_input', action_id: 'a', is_decimal_allowed: false })]),
    modal([input({ type: 'number_input', action_id: 'a' })]),
  ],
]

function refusalOf(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

const withoutUndefined = (view: object): Record<string, unknown> => ({
  ...Object(JSON.parse(JSON.stringify(view))),
})

const knowsAll: Pick<World, 'limits' | 'settings'> = {
  limits: { ...slackLimits, blocksCharacters: 13_000 },
  settings: {
    paid: true,
    planBlocks: true,
    commands: undefined,
    shortcuts: undefined,
    events: new Set(),
    appScopes: new Set(),
    revoked: new Map(),
    socketMode: true,
  },
}

describe('in a message', () => {
  test.each(inMessages)('%s: as much as fits is taken, one more is refused', (_what, fits, tooMuch) => {
    expect(refusalOf(() => checkBlocks(knowsAll, fits))).toBeUndefined()
    expect(refusalOf(() => checkBlocks(knowsAll, tooMuch))).toBe('invalid_blocks')
  })

  test('all texts together may have 11,000 characters', () => {
    const settings = { ...knowsAll, limits: slackLimits }
    const filled = (last: number) => [...times(3, () => section(x(3000))), section(x(last))]
    expect(refusalOf(() => checkBlocks(settings, filled(2000)))).toBeUndefined()
    expect(refusalOf(() => checkBlocks(settings, filled(2001)))).toBe('msg_blocks_too_long')
  })

  test('a workspace that does not know plans refuses them', () => {
    const old = { ...knowsAll, settings: { ...knowsAll.settings, planBlocks: false } }
    expect(refusalOf(() => checkBlocks(old, [plan(task())]))).toBe('invalid_blocks')
    expect(refusalOf(() => checkBlocks(old, [section('x')]))).toBeUndefined()
  })

  test('what is no list of blocks is invalid_blocks_format', async () => {
    const { slack, ops } = await workspace()
    const answer = await fetch(`${slack.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${slack.botToken}` },
      body: new URLSearchParams({ channel: ops, text: 'x', blocks: '[{' }),
    })
    expect(await answer.json()).toMatchObject({ error: 'invalid_blocks_format' })
  })
})

describe('in a view', () => {
  test.each(inViews)('%s: as much as fits is taken, one more is refused', (_what, fits, tooMuch) => {
    expect(refusalOf(() => checkView(withoutUndefined(fits), 'modal'))).toBeUndefined()
    expect(refusalOf(() => checkView(withoutUndefined(tooMuch), 'modal'))).toBe('invalid_arguments')
  })

  test('over 250 kB it is view_too_large', () => {
    const blocks = times(90, () => section(x(2900)))
    expect(refusalOf(() => checkView({ ...modal(blocks) }, 'modal'))).toBe('view_too_large')
  })

  test('a Home tab has neither title nor buttons of its own', () => {
    expect(refusalOf(() => checkView({ type: 'home', blocks: [section('x')] }, 'home'))).toBeUndefined()
    expect(refusalOf(() => checkView({ type: 'home', title: plain('x'), blocks: [] }, 'home'))).toBe(
      'invalid_arguments',
    )
  })
})
