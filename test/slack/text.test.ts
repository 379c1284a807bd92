import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boldForeign, code, cut, cutMrkdwn, escapeMrkdwn, link, plain, slackDate } from '#src/slack/text.ts'

describe('text for Slack', () => {
  test('foreign text cannot ping a channel', () => {
    expect(escapeMrkdwn('<!channel> & co')).toBe('&lt;!channel&gt; &amp; co')
  })

  test('foreign text cannot write our own words backwards, in whatever script it is', () => {
    expect(escapeMrkdwn('\u202Eevil\u2067')).toBe('evil')
    expect(code('\u202Eevil')).toBe('`evil`')
    expect(plain('\u202Eevil').text).toBe('evil')
    expect(plain('שרה כהן').text).toBe('שרה כהן')
  })

  test('bold cannot be broken by what stands in it', () => {
    expect(boldForeign('a* `b` <!here>')).toBe('*a∗ ˋbˋ &lt;!here&gt;*')
  })

  test('a code span cannot be broken by what stands in it', () => {
    expect(code('a` *b*\n<!here>')).toBe('`aˋ *b* &lt;!here&gt;`')
    expect(code('')).toBe('` `')
  })

  test('a link keeps its label and its address apart', () => {
    expect(link('https://x.example/?a=<b>|c', 'a|b<c>')).toBe(
      '<https://x.example/?a=%3Cb%3E%7Cc|a¦b&lt;c&gt;>',
    )
  })

  test('a date is shown in the reader’s zone, with UTC where Slack cannot', () => {
    expect(slackDate(new Date('2026-03-04T03:12:45Z'), 'time')).toBe(
      '<!date^1772593965^{time}|2026-03-04 03:12 UTC>',
    )
  })

  test('plain text is never empty', () => {
    expect(plain('').text).toBe(' ')
  })

  test('a cut never exceeds the limit and never splits a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 50 }), (text, max) => {
        const shorter = cut(text, max)
        expect(shorter.length).toBeLessThanOrEqual(max)
        expect(shorter.isWellFormed()).toBe(true)
      }),
    )
  })

  test.each([
    ['hello <@U012ABC> there', 12, 'hello…'],
    ['fish &amp; chips', 8, 'fish…'],
    ['short', 5, 'short'],
    ['a <https://x.example|link>', 20, 'a…'],
  ])('mrkdwn %j is cut without leaving half of a mark', (text, max, expected) => {
    expect(cutMrkdwn(text, max)).toBe(expected)
  })
})
