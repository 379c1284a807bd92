import type { Delivery } from '#src/outbox/relay.ts'
import { SlackCallError, type SlackProblem } from '#src/slack/clients.ts'
import type { Log } from '#src/slack/context.ts'

const blockCodes = new Set([
  'invalid_blocks',
  'invalid_blocks_format',
  'msg_blocks_too_long',
  'msg_too_long',
  'block_mismatch',
])
const notThereCodes = new Set([
  'not_in_channel',
  'channel_not_found',
  'user_not_in_channel',
  'is_archived',
  'restricted_action',
])
// An operator mends these; what waits must not be thrown away meanwhile.
const operatorCodes = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'missing_scope',
  'not_allowed_token_type',
  'org_login_required',
  'ekm_access_denied',
  'team_access_not_granted',
])
const operatorPauseMs = 60_000

/**
 * What a failed call means for the line: later, or never. A rate limit pauses everything under `pauseKey`. Throws what is no
 * answer of Slack.
 */
export function failedDelivery(
  error: unknown,
  how: { readonly pauseKey: string; readonly now: Date; readonly log: Log },
): Delivery {
  if (!(error instanceof SlackCallError)) throw error
  // A limit met while looking for a lost message is that method's, not the channel's.
  const pauseKey = error.method.startsWith('conversations.') ? `slack:${error.method}` : how.pauseKey
  return deliveryOf(error.problem, { ...how, pauseKey })
}

function deliveryOf(problem: SlackProblem, how: { pauseKey: string; now: Date; log: Log }): Delivery {
  const inMs = (ms: number) => new Date(how.now.getTime() + ms)
  switch (problem.kind) {
    case 'rate_limited':
      return { kind: 'later', until: inMs(problem.retryAfterMs), pauseKeys: [how.pauseKey] }
    case 'uncertain':
      return { kind: 'later', uncertain: true }
    case 'not_sent':
      return { kind: 'later' }
    case 'platform':
      if (!operatorCodes.has(problem.code)) return { kind: 'dead', reason: problem.code }
      how.log.error(
        { code: problem.code, messages: problem.messages },
        'Slack refuses what the bot needs; messages wait',
      )
      return { kind: 'later', until: inMs(operatorPauseMs) }
  }
}

/** Slack refuses how the message is made up; a plainer form may pass. */
export function isBlockProblem(error: unknown): boolean {
  return (
    error instanceof SlackCallError && error.problem.kind === 'platform' && blockCodes.has(error.problem.code)
  )
}

/** The bot or the person is not in the channel. */
export function isNotThere(error: unknown): boolean {
  return (
    error instanceof SlackCallError &&
    error.problem.kind === 'platform' &&
    notThereCodes.has(error.problem.code)
  )
}

/** The delivery, still in doubt when the search for a lost message could not be done. */
export function stillUncertain(delivery: Delivery, uncertain: boolean, error: unknown): Delivery {
  const searchFailed = error instanceof SlackCallError && error.method.startsWith('conversations.')
  return delivery.kind === 'later' && uncertain && searchFailed ? { ...delivery, uncertain: true } : delivery
}
