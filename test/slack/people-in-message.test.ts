import { describe, expect, it } from 'vitest'
import { peopleInMessage } from '#src/slack/people-in-message.ts'

const found = (message: Parameters<typeof peopleInMessage>[0]) =>
  peopleInMessage(message).map((one) => (one.kind === 'address' ? one.address : `@${one.userId}`))

describe('who is named in an alert', () => {
  it.each([
    ['a plain address', 'login of alice@corp.example from afar', ['alice@corp.example']],
    [
      'an address that Slack made a link of',
      '<mailto:alice@corp.example|alice@corp.example>',
      ['alice@corp.example'],
    ],
    ['a mention', 'ask <@U0ALICE> or <@W0BOB|bob>', ['@U0ALICE', '@W0BOB']],
    ['both, in their order', '<@U0BOB> saw b@corp.example; <@U0BOB> again', ['@U0BOB', 'b@corp.example']],
    ['somebody named twice', 'A@corp.example, a@CORP.example', ['A@corp.example']],
    [
      'a key before an address',
      'user=a@corp.example upn:b@corp.example',
      ['a@corp.example', 'b@corp.example'],
    ],
    [
      'brackets',
      'Alice &lt;alice@corp.example&gt; (bob@corp.example)',
      ['alice@corp.example', 'bob@corp.example'],
    ],
    [
      'bold and quoted',
      '*a@corp.example* `b@corp.example` "c@corp.example"',
      ['a@corp.example', 'b@corp.example', 'c@corp.example'],
    ],
    ['the end of a sentence', 'It was alice@corp.example.', ['alice@corp.example']],
    [
      'an apostrophe and other signs',
      "o'brien+x@corp.example r&amp;d@corp.example",
      ["o'brien+x@corp.example", 'r&d@corp.example'],
    ],
    ['letters of other alphabets', 'иван@почта.рф', ['иван@почта.рф']],
    ['groups and channels, which are nobody', '<!subteam^S1|@ops> <!channel> <#C0X|ops> @alice', []],
    ['no address', 'a@b, @corp.example, alice@, nothing', []],
  ])('%s', (_, text, expected) => {
    expect(found({ text })).toEqual(expected)
  })

  it('where an app wrote it into blocks and attachments alone', () => {
    const blocks = [
      { type: 'section', fields: [{ type: 'mrkdwn', text: '*User*\nalice@corp.example' }] },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'user', user_id: 'U0BOB' },
              { type: 'link', url: 'mailto:carol@corp.example' },
            ],
          },
        ],
      },
      { type: 'actions', elements: [{ type: 'button', action_id: 'x', value: 'hidden@corp.example' }] },
    ]
    const attachments = [
      { fallback: 'dave@corp.example', fields: [{ title: 'By', value: 'erin@corp.example' }] },
    ]
    expect(found({ text: 'Alert', blocks, attachments })).toEqual([
      'alice@corp.example',
      '@U0BOB',
      'carol@corp.example',
      'dave@corp.example',
      'erin@corp.example',
    ])
  })

  it('in a long or deeply nested message without taking long', () => {
    let deep: unknown = { type: 'text', text: 'alice@corp.example' }
    for (let depth = 0; depth < 4_000; depth += 1) deep = { elements: [deep] }
    expect(found({ text: `${'a.'.repeat(20_000)}@`, blocks: [deep] })).toEqual(['alice@corp.example'])
  })
})
