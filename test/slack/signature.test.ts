import { describe, expect, test } from 'vitest'
import { isSignedBySlack } from '#src/slack/signature.ts'

// Slack's own example, "Verifying requests from Slack".
const secret = '8f742231b10e8888abcd99yyyzzz85a5'
const signed = {
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  rawBody: Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ),
}
const at = (offsetSeconds: number) => new Date((1_531_420_618 + offsetSeconds) * 1000)

describe('the signature of a request', () => {
  test('is accepted for Slack’s own example', () => {
    expect(isSignedBySlack(signed, secret, at(0))).toBe(true)
  })

  test.each([
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
    [-86_400, false],
  ])('with our clock %i s away from its time is accepted: %s', (offset, accepted) => {
    expect(isSignedBySlack(signed, secret, at(offset))).toBe(accepted)
  })

  test.each([
    ['no signature', { signature: undefined }],
    ['no time', { timestamp: undefined }],
    ['a time in another writing', { timestamp: '1531420618.0' }],
    ['a shorter signature', { signature: 'v0=a2' }],
    ['another version', { signature: signed.signature.replace('v0', 'v1') }],
    ['one other letter', { signature: signed.signature.replace(/3$/u, '4') }],
    ['another body', { rawBody: Buffer.from('token=other') }],
  ])('is refused with %s', (_, change) => {
    expect(isSignedBySlack({ ...signed, ...change }, secret, at(0))).toBe(false)
  })
})
