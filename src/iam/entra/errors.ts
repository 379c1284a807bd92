import { z } from 'zod'
import { ConnectorError, type ConnectorErrorCode, type ConnectorErrorFacts } from '#src/errors.ts'
import { type GraphRight, grantedUnder, permissionGranter } from '#src/iam/entra/permissions.ts'
import type { HttpAnswer } from '#src/iam/http.ts'

// Graph's error object ("Microsoft Graph error responses"). The message may hold names and is looked at once only, below.
const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string().optional() }) })

/** What was asked for when the refusal came. */
export interface AskedFor {
  readonly right: GraphRight
  readonly changes: boolean
}

type Meaning = readonly [code: ConnectorErrorCode, detail?: string | undefined]

/**
 * What an answer of Graph that is no success means. Status and error code decide. A change that failed within Graph may
 * have taken place: `unknown_outcome`. Pure.
 */
export function graphError(answer: HttpAnswer, asked: AskedFor, now: Date): ConnectorError {
  const read = Refusal.safeParse(answer.body)
  const refusal = read.success ? read.data.error : undefined
  const [code, detail] = meaningOf(answer.status, refusal, asked.changes)
  const facts: ConnectorErrorFacts = {
    vendorCode: refusal?.code,
    requestId: answer.headers.get('request-id') ?? undefined,
    detail,
    ...((code === 'rate_limited' || code === 'unavailable') && { retryAt: retryAtOf(answer, now, code) }),
    ...(code === 'not_permitted' && {
      permission: asked.right.permission,
      where: grantedUnder,
      grantedBy: permissionGranter,
    }),
  }
  return new ConnectorError(
    code,
    `Graph answered ${answer.status} ${refusal?.code ?? 'without a code'}`,
    facts,
  )
}

function meaningOf(
  status: number,
  refusal: { readonly code: string; readonly message?: string | undefined } | undefined,
  changes: boolean,
): Meaning {
  if (status === 429 || refusal?.code === 'Request_ThrottledTemporarily') return ['rate_limited']
  if (status === 503 || status === 423) return ['unavailable']
  if (status >= 500) return [changes ? 'unknown_outcome' : 'unavailable']
  if (status === 404) return refusal === undefined ? ['misconfigured', 'not_graph'] : ['not_found']
  if (refusal?.code === 'Authorization_IdentityNotFound') return ['bad_credentials', 'application_not_found']
  if (status === 401) return ['bad_credentials', 'token_refused']
  if (status === 403) return ['not_permitted']
  if (status === 409 || status === 412) return ['refused_by_vendor', 'changed_at_the_same_time']
  if (status >= 300 && status < 400) return ['misconfigured', 'redirected']
  if (refusal === undefined) return ['bad_response', 'not_graph']
  if (refusal.code === 'Request_UnsupportedQuery') return ['not_supported', unsupportedQuery]
  // These two have no code of their own.
  if (/on-premises mastered/iu.test(refusal.message ?? '')) return ['refused_by_vendor', 'mastered_elsewhere']
  if (/is read-only and cannot be set/iu.test(refusal.message ?? ''))
    return ['not_permitted', 'privileged_account']
  return ['refused_by_vendor']
}

const unsupportedQuery = 'unsupported_query'

/** Whether Graph refused a filter that needs the advanced parameters, or that it does not take joined. */
export function isUnsupportedQuery(error: unknown): boolean {
  return error instanceof ConnectorError && error.facts.detail === unsupportedQuery
}

const shortestMs = 1_000
const longestMs = 10 * 60_000
// Graph counts in windows of ten seconds.
const usualMs = 10_000

/**
 * When to come back, as ISO time: after `Retry-After` (seconds), never sooner than in a second. Undefined where nothing was
 * said and nothing is limited. Pure.
 */
export function retryAtOf(
  { headers, status }: Pick<HttpAnswer, 'headers' | 'status'>,
  now: Date,
  code: 'rate_limited' | 'unavailable' = status === 429 ? 'rate_limited' : 'unavailable',
): string | undefined {
  const said = Number(headers.get('retry-after') ?? Number.NaN) * 1_000
  if (Number.isNaN(said) && code !== 'rate_limited') return undefined
  const waitMs = Number.isNaN(said) ? usualMs : said
  return new Date(now.getTime() + Math.min(Math.max(waitMs, shortestMs), longestMs)).toISOString()
}
