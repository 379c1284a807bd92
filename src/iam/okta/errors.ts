import { z } from 'zod'
import { ConnectorError, type ConnectorErrorCode, type ConnectorErrorFacts } from '#src/errors.ts'
import type { HttpAnswer } from '#src/iam/http.ts'
import {
  type OktaRight,
  roleGrantedUnder,
  scopeGrantedUnder,
  superAdministrator,
} from '#src/iam/okta/permissions.ts'

// Okta's published error object. The summary is for people and is never looked at: it may hold a login.
const Refusal = z.object({ errorCode: z.string().regex(/^E\d{7}$/), errorId: z.string().optional() })

/** What was asked for when the refusal came. */
export interface AskedFor {
  readonly right: OktaRight
  readonly changes: boolean
}

type Meaning = readonly [code: ConnectorErrorCode, detail?: string | undefined]

// What Okta's error codes mean here, by their published list. The account's status decides what is done about them.
const meanings: Readonly<Record<string, Meaning>> = {
  E0000001: ['refused_by_vendor', 'not_in_this_status'],
  E0000004: ['bad_credentials'],
  E0000005: ['bad_credentials', 'token_refused'],
  E0000006: ['not_permitted'],
  E0000007: ['not_found'],
  E0000008: ['misconfigured', 'path_not_found'],
  E0000011: ['bad_credentials', 'token_refused'],
  E0000015: ['refused_by_vendor', 'feature_not_enabled'],
  E0000016: ['refused_by_vendor', 'not_in_this_status'],
  E0000023: ['refused_by_vendor', 'mastered_elsewhere'],
  E0000032: ['refused_by_vendor', 'unlock_not_allowed'],
  E0000038: ['refused_by_vendor', 'not_in_this_status'],
  E0000047: ['rate_limited'],
  E0000236: ['unavailable', 'no_directory_agent'],
}

/**
 * What an answer that is no success means. HTTP status and error code decide, never the summary. A change that failed
 * within Okta may have taken place: `unknown_outcome`. Pure.
 */
export function refusalOf(answer: HttpAnswer, asked: AskedFor, now: Date): ConnectorError {
  const read = Refusal.safeParse(answer.body)
  const errorCode = read.success ? read.data.errorCode : undefined
  const [code, detail] = meaningOf(answer.status, errorCode, asked.changes)
  const facts: ConnectorErrorFacts = {
    vendorCode: errorCode,
    requestId: answer.headers.get('x-okta-request-id') ?? (read.success ? read.data.errorId : undefined),
    detail,
    ...(code === 'rate_limited' && { retryAt: retryAtOf(answer, now) }),
    ...(code === 'not_permitted' && missingRight(answer, asked.right)),
  }
  return new ConnectorError(code, `Okta answered ${answer.status} ${errorCode ?? 'without a code'}`, facts)
}

function meaningOf(status: number, errorCode: string | undefined, changes: boolean): Meaning {
  if (status === 429) return ['rate_limited']
  const known = meanings[errorCode ?? '']
  if (known !== undefined) return known
  if (status === 503) return ['unavailable']
  if (status >= 500) {
    const detail = errorCode === 'E0000237' ? 'directory_agent_silent' : undefined
    return [changes ? 'unknown_outcome' : 'unavailable', detail]
  }
  if (status >= 300 && status < 400) return ['misconfigured', 'redirected']
  if (status === 401) return ['bad_credentials']
  if (errorCode === undefined) return ['bad_response', 'not_okta']
  return ['refused_by_vendor']
}

function missingRight(answer: HttpAnswer, right: OktaRight): ConnectorErrorFacts {
  const isScope = /error="insufficient_scope"/.test(answer.headers.get('www-authenticate') ?? '')
  return {
    permission: isScope ? right.scope : right.permission,
    where: isScope ? scopeGrantedUnder : roleGrantedUnder,
    grantedBy: superAdministrator,
  }
}

/** Whether Okta refused because the account is not in the status that we had read. */
export function isWrongStatus(error: unknown): boolean {
  return error instanceof ConnectorError && error.facts.detail === 'not_in_this_status'
}

const shortestMs = 1_000
const longestMs = 10 * 60_000
// Okta counts by the minute.
const usualMs = 60_000

/**
 * When to come back after a 429, as ISO time: at `X-Rate-Limit-Reset` (UTC epoch seconds), reckoned from their own clock,
 * never sooner than in a second. Pure.
 */
export function retryAtOf({ headers }: Pick<HttpAnswer, 'headers'>, now: Date): string {
  const resetMs = Number(headers.get('x-rate-limit-reset')) * 1_000
  const afterMs = Number(headers.get('retry-after')) * 1_000
  const theirMs = Date.parse(headers.get('date') ?? '')
  const fromMs = Number.isNaN(theirMs) ? now.getTime() : theirMs
  const waitMs = resetMs > 0 ? resetMs - fromMs : afterMs > 0 ? afterMs : usualMs
  return new Date(now.getTime() + Math.min(Math.max(waitMs, shortestMs), longestMs)).toISOString()
}
