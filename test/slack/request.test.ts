import { describe, expect, test } from 'vitest'
import { parseSlashText } from '#src/slack/request.ts'

const typed = (value: string) => ({ kind: 'typed', value })
const mention = (userId: string) => ({ kind: 'mention', userId })

describe('the text after a slash command', () => {
  test.each([
    ['', undefined, ''],
    ['   ', undefined, ''],
    ['alice', typed('alice'), ''],
    ['alice@corp.example stolen laptop', typed('alice@corp.example'), 'stolen laptop'],
    ['<mailto:a@b.co|a@b.co> case 4711', typed('a@b.co'), 'case 4711'],
    ['<mailto:a@b.co>', typed('a@b.co'), ''],
    ['<@U012ABC> token theft', mention('U012ABC'), 'token theft'],
    ['<@U012ABC|alice> token theft', mention('U012ABC'), 'token theft'],
    ['<@W012ABC>', mention('W012ABC'), ''],
    ['<@U012ABC>\nsecond line', mention('U012ABC'), 'second line'],
    ['<@B012ABC> no person', typed('<@B012ABC>'), 'no person'],
    ['CORP\\anguyen', typed('CORP\\anguyen'), ''],
    ['“Alice Nguyen” on leave', typed('Alice Nguyen'), 'on leave'],
    ["o'brien@corp.example left", typed("o'brien@corp.example"), 'left'],
    ['o’brien@corp.example left', typed("o'brien@corp.example"), 'left'],
    ['alice —force', typed('alice'), '--force'],
    ['alice –x', typed('alice'), '-x'],
    ['alice&amp;bob', typed('alice&bob'), ''],
    ['alice &lt;script&gt;', typed('alice'), '<script>'],
    ['alice &amp;lt;', typed('alice'), '&lt;'],
    ['<http://corp.example|corp.example> x', typed('corp.example'), 'x'],
    ['alice see <https://corp.example/a?b=1>', typed('alice'), 'see https://corp.example/a?b=1'],
    ['alice\u00A0nguyen', typed('alice'), 'nguyen'],
    ['"" x', typed('""'), 'x'],
    ['"unclosed name', typed('"unclosed'), 'name'],
    ['uid=anguyen,ou=people,dc=corp gone', typed('uid=anguyen,ou=people,dc=corp'), 'gone'],
  ])('%j is read', (raw, first, rest) => {
    expect(parseSlashText(raw)).toMatchObject({ first, rest })
  })

  test('keeps a mention inside the description as Slack writes it', () => {
    expect(parseSlashText('alice asked by <@U1|bob>').rest).toBe('asked by <@U1|bob>')
  })

  test.each([['<'], ['<mailto:'], ['<@'], ['"'], ['a '], ['<a|'], ['&amp;'], ['—']])(
    'ten thousand times %j is read at once',
    (piece) => {
      const raw = piece.repeat(10_000)
      expect(parseSlashText(raw).text.length).toBeLessThanOrEqual(20_000)
    },
    1000,
  )
})
