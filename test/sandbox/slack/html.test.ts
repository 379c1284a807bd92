import { expect, test } from 'vitest'
import { client, plain, workspace } from '#test/sandbox/slack/workspace.ts'

const now = Date.parse('2026-11-21T03:00:00Z')
const attack = `"><img src=x onerror=alert(1)>' \`<script>alert(1)</script>\``
const escapedAttack = `&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&#39; `
const escapeMrkdwn = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })
const section = (text: string) => ({ type: 'section', text: mrkdwn(text) })
const richText = (...elements: readonly object[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
})

/** A page with what the app posts, as Rita sees it. */
async function posted(...blocks: readonly object[]) {
  const { slack, rita, ops } = await workspace({ now: () => now })
  await client(slack).apiCall('chat.postMessage', { channel: ops, text: 'said', blocks })
  return bodyOf(slack.renderPage({ readerId: rita.userId, channelId: ops }))
}

/** Without the spaces between tags and words, which a browser does not show or which do not matter here. */
function squeezed(markup: string): string {
  return markup
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/ ?(\/?>) ?/gu, '>')
    .replaceAll(' <', '<')
}

function bodyOf(page: string): string {
  return squeezed(page.slice(page.indexOf('<body>')))
}

/** Every tag of a page without its attributes, and every attribute's name. */
function markupOf(page: string) {
  const tags = [...page.matchAll(/<([a-z0-9!-]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/giu)]
  return {
    tags: new Set(tags.map((tag) => tag[1])),
    attributes: new Set(
      tags.flatMap((tag) => [...(tag[2] ?? '').matchAll(/([a-z-]+)(?:="[^"]*")?/giu)].map((one) => one[1])),
    ),
  }
}

test('no text of a message becomes markup, wherever it stands', async () => {
  const option = { text: plain(attack), value: attack }
  const { slack, rita, ops } = await workspace({ now: () => now })
  slack.updateUser(rita.userId, { name: attack, realName: attack })
  slack.updateChannel(ops, { name: attack })
  const web = client(slack)
  const blocks = [
    section(escapeMrkdwn(attack)),
    { type: 'section', fields: [mrkdwn(escapeMrkdwn(attack)), plain(attack)] },
    {
      type: 'section',
      text: plain(attack),
      accessory: {
        type: 'button',
        action_id: attack,
        text: plain(attack),
        value: attack,
        accessibility_label: attack,
      },
    },
    { type: 'header', text: plain(attack) },
    {
      type: 'context',
      elements: [plain(attack), { type: 'image', image_url: 'https://x.example/a.png', alt_text: attack }],
    },
    { type: 'image', image_url: 'https://x.example/a.png', alt_text: attack },
    {
      type: 'plan',
      title: attack,
      tasks: [
        {
          type: 'task_card',
          task_id: attack,
          title: attack,
          status: 'error',
          output: richText({ type: 'text', text: attack }),
        },
      ],
    },
    richText({ type: 'text', text: attack }, { type: 'link', url: 'https://x.example/"a', text: attack }),
    {
      type: 'actions',
      elements: [
        { type: 'overflow', action_id: 'm', options: [option] },
        { type: 'static_select', action_id: 's', options: [option], placeholder: plain(attack) },
        { type: 'checkboxes', action_id: 'c', options: [{ ...option, description: plain(attack) }] },
      ],
    },
    section(`<https://x.example/"onmouseover="alert(1)|${escapeMrkdwn(attack)}> <@${rita.userId}>`),
  ]
  await web.apiCall('chat.postMessage', { channel: ops, text: escapeMrkdwn(attack), blocks })
  await web.apiCall('chat.postMessage', { channel: ops, text: escapeMrkdwn(attack) })
  await rita.say(ops, attack)
  const page = slack.renderPage({ readerId: rita.userId, channelId: ops })
  const body = bodyOf(page)
  expect(squeezed(body)).toContain(squeezed(escapedAttack))
  expect(body).not.toMatch(/<img|<script/u)
  const { tags, attributes } = markupOf(page)
  expect([...tags].filter((tag) => tag === 'img' || tag === 'script')).toEqual([])
  expect([...attributes].filter((name) => name?.startsWith('on'))).toEqual([])
  expect(page).toContain("default-src 'none'")
})

test('no text of a form becomes markup', async () => {
  const { slack } = await workspace()
  const option = { text: plain(attack), value: attack, description: plain(attack) }
  const page = slack.renderModalPage({
    type: 'modal',
    title: plain(attack),
    submit: plain(attack),
    close: plain(attack),
    blocks: [
      {
        type: 'input',
        block_id: attack,
        label: plain(attack),
        hint: plain(attack),
        element: {
          type: 'plain_text_input',
          action_id: attack,
          initial_value: attack,
          placeholder: plain(attack),
        },
      },
      {
        type: 'input',
        block_id: 'b',
        label: plain(attack),
        element: {
          type: 'plain_text_input',
          action_id: 'm',
          multiline: true,
          initial_value: `</textarea>${attack}`,
        },
      },
      {
        type: 'input',
        block_id: 'c',
        label: plain(attack),
        element: { type: 'radio_buttons', action_id: 'r', options: [option], initial_option: option },
      },
    ],
  })
  const { tags, attributes } = markupOf(page)
  expect(bodyOf(page).split(escapedAttack).length).toBeGreaterThan(10)
  expect([...tags].filter((tag) => tag === 'img' || tag === 'script')).toEqual([])
  expect([...attributes].filter((name) => name?.startsWith('on'))).toEqual([])
  expect(bodyOf(page).match(/<\/textarea>/gu)).toHaveLength(1)
})

test('an address that is no web address is no link', async () => {
  const page = await posted(
    section('<https://a.example/?a=1&amp;b=2|docs> <mailto:a@corp.example|a@corp.example>'),
    richText({ type: 'link', url: 'javascript:alert(1)', text: 'press me' }),
  )
  expect(squeezed(page)).toContain(
    squeezed('<a href="https://a.example/?a=1&amp;b=2" rel="noreferrer noopener" target="_blank">docs</a>'),
  )
  expect(squeezed(page)).toContain(squeezed('href="mailto:a@corp.example"'))
  expect(squeezed(page)).toContain(squeezed('press me'))
  expect(page).not.toContain('javascript:')
})

test('mrkdwn is drawn as people read it: bold, italic, struck, code, quotes, entities', async () => {
  const page = await posted(
    section(
      '*corp-ad* _why_ ~no~ `CORP\\a &amp; *b*`\n&gt; said\nuid=a_b_c 2*3*4 &lt;!channel&gt;\n```one\ntwo```',
    ),
  )
  expect(squeezed(page)).toContain(
    squeezed('<b>corp-ad</b> <i>why</i> <s>no</s> <code>CORP\\a &amp; *b*</code>'),
  )
  expect(squeezed(page)).toContain(squeezed('<blockquote>said</blockquote>'))
  expect(squeezed(page)).toContain(squeezed('uid=a_b_c 2*3*4 &lt;!channel&gt;'))
  expect(squeezed(page)).toContain(squeezed('<pre>one\ntwo</pre>'))
})

test('mentions have names, the reader’s own stand out, dates are in the reader’s zone', async () => {
  const { slack, rita, ana, ops } = await workspace({ now: () => now })
  slack.updateUser(rita.userId, { tz: 'America/New_York' })
  const group = slack.addUserGroup({ handle: 'approvers', users: [rita.userId] })
  const at = Date.parse('2026-11-21T03:12:00Z') / 1000
  const words = `<@${ana.userId}> <@${rita.userId}> <!subteam^${group.id}> <#${ops}> <!here> <!date^${at}^{date_short_pretty} {time}|later> <!date^${at}^{unheard_of}|the &lt;fallback&gt;>`
  const blocks = [
    section(words),
    richText(
      { type: 'user', user_id: rita.userId },
      { type: 'date', timestamp: at, format: '{time}', fallback: 'x' },
    ),
  ]
  await client(slack).apiCall('chat.postMessage', { channel: ops, text: 'said', blocks })
  const page = slack.renderPage({ readerId: rita.userId, channelId: ops })
  expect(squeezed(page)).toContain(
    squeezed('<span class="mention">@ana</span> <span class="mention me">@rita</span>'),
  )
  expect(squeezed(page)).toContain(
    squeezed(
      '<span class="mention me">@approvers</span> <span class="mention">#ops</span> <span class="mention me">@here</span>',
    ),
  )
  expect(squeezed(page)).toContain(squeezed('today 22:12'))
  expect(squeezed(page)).toContain(squeezed('<time>22:00</time>'))
  expect(squeezed(page)).toContain(squeezed('<span class="mention me">@rita</span>22:12'))
  const forAna = slack.renderPage({ readerId: ana.userId, channelId: ops })
  expect(squeezed(forAna)).toContain(
    squeezed('<span class="mention me">@ana</span> <span class="mention">@rita</span>'),
  )
  expect(squeezed(forAna)).toContain(squeezed('today 03:12'))
})

test('a plan shows each card with its state in a sign and in words', async () => {
  const card = (status: string) => ({ type: 'task_card', task_id: status, title: `is ${status}`, status })
  const tasks = ['pending', 'in_progress', 'complete', 'error'].map(card)
  const page = await posted({ type: 'plan', title: 'Account disabled in 1 of 3 systems', tasks })
  expect(squeezed(page)).toContain(squeezed('<summary>Account disabled in 1 of 3 systems</summary>'))
  expect(squeezed(page)).toContain(
    squeezed('<span class="state pending" role="img" aria-label="waiting"></span>'),
  )
  expect(squeezed(page)).toContain(
    squeezed('<span class="state in_progress" role="img" aria-label="working"></span>'),
  )
  expect(squeezed(page)).toContain(
    squeezed('<span class="state complete" role="img" aria-label="done">✓</span>'),
  )
  expect(squeezed(page)).toContain(
    squeezed('<span class="state error" role="img" aria-label="failed">✕</span>'),
  )
  expect(squeezed(page)).toContain(squeezed('is in_progress'))
})

test('buttons keep what a click must send', async () => {
  const page = await posted({
    type: 'actions',
    block_id: 'row',
    elements: [
      {
        type: 'button',
        action_id: 'approve',
        text: plain('Approve'),
        value: 'T-1',
        style: 'primary',
        accessibility_label: 'Approve T-1',
      },
      { type: 'button', action_id: 'view', text: plain('View'), url: 'https://a.example/' },
      { type: 'overflow', action_id: 'menu', options: [{ text: plain('Cancel task'), value: 'cancel:T-1' }] },
    ],
  })
  expect(squeezed(page)).toContain(
    squeezed(
      '<button type="button" class="button primary" aria-label="Approve T-1" data-block="row" data-action="approve" data-value="T-1">Approve</button>',
    ),
  )
  expect(squeezed(page)).toContain(
    squeezed('<a href="https://a.example/" rel="noreferrer noopener" target="_blank">View</a>'),
  )
  expect(squeezed(page)).toContain(squeezed('data-block="row" data-action="menu" data-option="cancel:T-1"'))
})

test('a form shows what is ticked, typed and picked', async () => {
  const { slack } = await workspace()
  const options = [
    { text: mrkdwn('*corp-ad*'), value: 'a', description: plain('enabled') },
    { text: mrkdwn('*okta*'), value: 'b' },
  ]
  const choices = ['one', 'two'].map((value) => ({ text: plain(value), value }))
  const page = slack.renderModalPage({
    title: plain('Disable User Account'),
    submit: plain('Create'),
    blocks: [
      {
        type: 'input',
        block_id: 'p',
        label: plain('Person'),
        hint: plain('An address'),
        element: { type: 'plain_text_input', action_id: 'p', initial_value: 'alice' },
      },
      {
        type: 'input',
        block_id: 'd',
        label: plain('Why'),
        optional: true,
        element: { type: 'plain_text_input', action_id: 'd', multiline: true, initial_value: 'theft' },
      },
      {
        type: 'input',
        block_id: 'a',
        label: plain('Accounts'),
        element: { type: 'checkboxes', action_id: 'a', options, initial_options: [options[0]] },
      },
      {
        type: 'input',
        block_id: 's',
        label: plain('Until'),
        element: { type: 'static_select', action_id: 's', options: choices, initial_option: choices[1] },
      },
      {
        type: 'input',
        block_id: 't',
        label: plain('At'),
        element: { type: 'datetimepicker', action_id: 't', initial_date_time: now / 1000 },
      },
      { type: 'divider' },
    ],
  })
  expect(squeezed(page)).toContain(squeezed('<h2 id="V0/title">Disable User Account</h2>'))
  expect(squeezed(page)).toContain(squeezed('id="V0/p/p" value="alice"'))
  expect(squeezed(page)).toContain(squeezed('<div class="hint" id="V0/p/p/hint">An address</div>'))
  expect(squeezed(page)).toContain(squeezed('Why</span> <span class="optional">(optional)</span>'))
  expect(squeezed(page)).toContain(squeezed('>theft</textarea>'))
  expect(squeezed(page)).toContain(
    squeezed(
      'name="V0/a/a" value="a" checked/><span><b>corp-ad</b><small><span class="lines">enabled</span></small>',
    ),
  )
  expect(squeezed(page)).toContain(squeezed('name="V0/a/a" value="b"/><span><b>okta</b>'))
  expect(squeezed(page)).toContain(squeezed('<option value="two" selected>two</option>'))
  expect(squeezed(page)).toContain(squeezed('value="21 Nov 2026, 03:00"'))
  expect(squeezed(page)).toContain(squeezed('<hr/>'))
  expect(squeezed(page)).toContain(squeezed('<button type="submit" class="button primary">Create</button>'))
})

test('a thread stands open below its message; edits are marked; other threads can be left out', async () => {
  const { slack, rita, ops } = await workspace({ now: () => now })
  const web = client(slack)
  await web.apiCall('chat.postMessage', { channel: ops, text: 'first task' })
  await web.apiCall('chat.postMessage', { channel: ops, text: 'other task' })
  const ts = slack.messages(ops)[0]?.ts
  for (const text of ['reply one', 'reply two'])
    await web.apiCall('chat.postMessage', { channel: ops, thread_ts: ts, text })
  expect(slack.renderPage({ readerId: rita.userId, channelId: ops })).not.toContain('(edited)')
  await web.apiCall('chat.update', { channel: ops, ts, text: 'first task, done' })
  const whole = bodyOf(slack.renderPage({ readerId: rita.userId, channelId: ops }))
  const order = ['first task, done', '(edited)', '2 replies', 'reply one', 'reply two', 'other task']
  expect(order.map((words) => whole.indexOf(words)).toSorted((a, b) => a - b)).toEqual(
    order.map((words) => whole.indexOf(words)),
  )
  expect(whole.indexOf('first task')).toBeGreaterThan(0)
  const thread = slack.renderPage({ readerId: rita.userId, channelId: ops, threadTs: ts })
  expect(thread).toContain('reply two')
  expect(thread).not.toContain('other task')
})

test('only the reader sees what only the reader may see', async () => {
  const { slack, rita, ana, ops } = await workspace({ now: () => now })
  await client(slack).apiCall('chat.postEphemeral', {
    channel: ops,
    user: rita.userId,
    text: 'T-1 was created',
  })
  const forRita = bodyOf(slack.renderPage({ readerId: rita.userId, channelId: ops }))
  expect(squeezed(forRita)).toContain(squeezed('Only visible to you'))
  expect(squeezed(forRita)).toContain(squeezed('T-1 was created'))
  expect(slack.renderPage({ readerId: ana.userId, channelId: ops })).not.toContain('T-1 was created')
})
