import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceSeconds = 300

/** What Slack says about a request's origin, from its headers. */
export interface SignedRequest {
  readonly timestamp: string | undefined
  readonly signature: string | undefined
  readonly rawBody: Uint8Array
}

/**
 * Whether a request was signed by Slack (v0, docs.slack.dev "Verifying requests from Slack") within five minutes of now. A
 * time ahead of ours is refused as well: it would make a captured request good for later.
 */
export function isSignedBySlack(request: SignedRequest, signingSecret: string, now: Date): boolean {
  const { timestamp, signature, rawBody } = request
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/u.test(timestamp)) return false
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > toleranceSeconds) return false
  const expected = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(rawBody).digest()
  const given = /^v0=([0-9a-f]{64})$/u.exec(signature)?.[1]
  return given !== undefined && timingSafeEqual(expected, Buffer.from(given, 'hex'))
}
