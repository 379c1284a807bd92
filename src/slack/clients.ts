import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from '@slack/web-api'
import { z } from 'zod'
import type { Log } from '#src/slack/context.ts'
import type { SlackMethod } from '#src/slack/methods.ts'

/**
 * Why a call did not end as wanted. `uncertain`: Slack may have done it (time-out, 5xx, cut answer). `not_sent`: it
 * certainly did not (no connection was made).
 */
export type SlackProblem =
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number }
  | { readonly kind: 'platform'; readonly code: string; readonly messages: readonly string[] }
  | { readonly kind: 'uncertain'; readonly detail: string }
  | { readonly kind: 'not_sent'; readonly detail: string }

/** A call to Slack that did not end as wanted. The message is for the log only. */
export class SlackCallError extends Error {
  readonly method: string
  readonly problem: SlackProblem
  constructor(method: string, problem: SlackProblem, cause?: unknown) {
    super(`${method}: ${describeProblem(problem)}`, cause === undefined ? undefined : { cause })
    this.name = 'SlackCallError'
    this.method = method
    this.problem = problem
  }
}

/** One line about a problem, for logs. */
export function describeProblem(problem: SlackProblem): string {
  switch (problem.kind) {
    case 'rate_limited':
      return `rate limited for ${problem.retryAfterMs} ms`
    case 'platform':
      return [problem.code, ...problem.messages].join(' ')
    case 'uncertain':
    case 'not_sent':
      return `${problem.kind.replace('_', ' ')}, ${problem.detail}`
  }
}

/** Calls a method and reads of the answer what `answer` names. Never retries; throws `SlackCallError`. */
export type SlackCall = <T>(
  method: SlackMethod,
  args: Readonly<Record<string, unknown>>,
  answer: z.ZodType<T>,
  signal?: AbortSignal,
) => Promise<T>

/** One caller per purpose, so that a slow or limited one holds up no other. */
export interface SlackClients {
  /** Forms: must be done within Slack's three seconds. */
  readonly views: SlackCall
  readonly people: SlackCall
  readonly delivery: SlackCall
}

/** Makes the callers. `apiUrl` ends in `/api/`. */
export function createSlackClients(deps: {
  readonly botToken: string
  readonly apiUrl: string
  readonly log: Log
}): SlackClients {
  return {
    views: createSlackCall({ ...deps, timeoutMs: 2500 }),
    people: createSlackCall({ ...deps, timeoutMs: 5000 }),
    delivery: createSlackCall({ ...deps, timeoutMs: 10_000 }),
  }
}

/** One caller with its own client, queue and time limit. */
export function createSlackCall(deps: {
  readonly botToken: string
  readonly apiUrl: string
  readonly log: Log
  readonly timeoutMs: number
}): SlackCall {
  // Bolt and socket-mode write into the options they are handed: each client gets objects of its own.
  const client = new WebClient(deps.botToken, webClientOptions(deps))
  return async (method, args, answer, signal) => {
    signal?.throwIfAborted()
    const raw = await client.apiCall(method, { ...args }).catch((error: unknown) => {
      throw new SlackCallError(method, sortProblem(error), error)
    })
    const read = answer.safeParse(raw)
    if (!read.success) throw new SlackCallError(method, { kind: 'uncertain', detail: read.error.message })
    return read.data
  }
}

/** Options for one WebClient: no retries, no waiting for rate limits, a time limit, no payloads in the log. */
export function webClientOptions(deps: {
  readonly apiUrl: string
  readonly log: Log
  readonly timeoutMs: number
}) {
  return {
    slackApiUrl: deps.apiUrl,
    timeout: deps.timeoutMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: slackLibraryLogger(deps.log),
  }
}

// Slack's own words for "come back later" in an answer with status 200: it may have been done.
const awayCodes = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
])

const notSentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Sorts what web-api or fetch threw, by class and code. */
export function sortProblem(error: unknown): SlackProblem {
  if (error instanceof WebAPIRateLimitedError)
    return { kind: 'rate_limited', retryAfterMs: error.retryAfter * 1000 }
  if (error instanceof WebAPIPlatformError) return sortPlatformError(error)
  if (error instanceof WebAPIHTTPError)
    return { kind: 'uncertain', detail: `HTTP status ${error.statusCode}` }
  const codes = errorCodes(error instanceof WebAPIRequestError ? error.original : error)
  const detail = codes[0] ?? (error instanceof Error ? error.message : String(error))
  return codes.some((code) => notSentCodes.has(code))
    ? { kind: 'not_sent', detail }
    : { kind: 'uncertain', detail }
}

function sortPlatformError(error: WebAPIPlatformError): SlackProblem {
  const code: unknown = error.data.error
  // A page of a proxy in place of Slack's JSON arrives as an error text, or as none.
  if (typeof code !== 'string' || !/^[a-z][a-z0-9_.-]{0,99}$/u.test(code))
    return { kind: 'uncertain', detail: 'the answer was not JSON' }
  const retryAfter = error.data.response_metadata?.retryAfter
  if (code === 'ratelimited' || code === 'rate_limited')
    return { kind: 'rate_limited', retryAfterMs: (retryAfter ?? 30) * 1000 }
  if (awayCodes.has(code)) return { kind: 'uncertain', detail: code }
  return { kind: 'platform', code, messages: error.data.response_metadata?.messages ?? [] }
}

const Coded = z.object({ code: z.string() })
const Caused = z.object({ cause: z.unknown() })

// fetch hides the reason in `cause`, and that may hold several (one per address tried) of which the first is repeated on top.
function errorCodes(error: unknown, depth = 0): readonly string[] {
  if (error === null || typeof error !== 'object' || depth > 4) return []
  const code = Coded.safeParse(error)
  const cause = Caused.safeParse(error)
  return [
    ...(code.success ? [code.data.code] : []),
    ...(cause.success ? errorCodes(cause.data.cause, depth + 1) : []),
  ]
}

function words(parts: readonly unknown[]): string {
  return parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ')
}

/** A logger for Slack's libraries: warnings and up. At debug level they print trigger ids, response URLs and form values. */
export function slackLibraryLogger(log: Log) {
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts: unknown[]) => log.warn({ source: 'slack-library' }, words(parts)),
    error: (...parts: unknown[]) => log.warn({ source: 'slack-library' }, words(parts)),
    setLevel: () => {},
    setName: () => {},
    getLevel: () => LogLevel.WARN,
  }
}
