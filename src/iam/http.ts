import { ConnectorError } from '#src/errors.ts'

/** One request to an IAM system that speaks HTTP. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** True when the request changes something: then a lost answer leaves the outcome unknown. */
  readonly changes: boolean
  readonly timeoutMs: number
}

/** The system's answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  /** The parsed JSON; undefined for an answer without a body. */
  readonly body: unknown
  /** From sending to having read the answer. */
  readonly durationMs: number
}

/** An answer that is longer than this is none that we asked for. */
const longestAnswer = 4 * 1024 * 1024

/**
 * Sends one request and reads its JSON answer, within the time limit. Redirects are not followed: they would carry our
 * token elsewhere. Throws `ConnectorError`: `timed_out`, `unavailable`, `misconfigured` (TLS), `unknown_outcome` (a
 * change was sent and no answer came, or none that can be read), `bad_response` (no JSON, e.g. a proxy's page). Statuses
 * are the caller's to read.
 */
export async function sendHttp(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)])
  const begunAt = performance.now()
  const response = await fetchOnce(request, limit)
  try {
    const text = await readText(request, response, limit)
    return {
      status: response.status,
      headers: response.headers,
      body: parse(response, text),
      durationMs: performance.now() - begunAt,
    }
  } catch (error) {
    throw request.changes ? ofChange(error) : error
  }
}

// Whoever answered in no JSON may have passed the change on: an answer that can't be read tells nothing.
function ofChange(error: unknown): unknown {
  if (!(error instanceof ConnectorError) || error.code !== 'bad_response') return error
  return new ConnectorError('unknown_outcome', 'An unreadable answer to a change', error.facts, error)
}

async function fetchOnce(request: HttpRequest, limit: AbortSignal): Promise<Response> {
  const { method, url, headers, body } = request
  // Then nothing was sent, not even a change.
  if (limit.aborted) throw new ConnectorError('timed_out', 'Told to stop before sending')
  try {
    return await fetch(url, {
      method,
      headers,
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: limit,
    })
  } catch (error) {
    throw lost(request, limit, error)
  }
}

async function readText(request: HttpRequest, response: Response, limit: AbortSignal): Promise<string> {
  const length = Number(response.headers.get('content-length') ?? 0)
  if (length > longestAnswer) throw new ConnectorError('bad_response', `An answer of ${length} bytes`)
  try {
    const parts: Buffer[] = []
    let size = 0
    for await (const part of response.body ?? []) {
      size += part.length
      if (size > longestAnswer) throw new ConnectorError('bad_response', 'An answer without end')
      parts.push(Buffer.from(part))
    }
    return Buffer.concat(parts).toString('utf8')
  } catch (error) {
    if (error instanceof ConnectorError) throw error
    throw lost(request, limit, error)
  }
}

function parse(response: Response, text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes what it read, which may be somebody's name: it is not passed on.
    const type = response.headers.get('content-type') ?? 'no content type'
    // A server that is overloaded often answers through a proxy that knows no JSON.
    if (response.status >= 500)
      throw new ConnectorError('unavailable', `Status ${response.status} with ${type}`)
    throw new ConnectorError('bad_response', `Status ${response.status} with ${type}`)
  }
}

// Before a connection stands, nothing can have been sent.
const beforeSending: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function lost(request: HttpRequest, limit: AbortSignal, error: unknown): ConnectorError {
  const code = causeCode(error)
  const facts = code === undefined ? {} : { vendorCode: code }
  if (code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL/u.test(code))
    return new ConnectorError('misconfigured', 'TLS could not be set up', { ...facts, detail: 'tls' }, error)
  if (code !== undefined && beforeSending.has(code))
    return new ConnectorError('unavailable', `${request.url.host} cannot be reached`, facts, error)
  if (request.changes)
    return new ConnectorError('unknown_outcome', `${request.url.host} gave no answer`, facts, error)
  if (limit.aborted)
    return new ConnectorError('timed_out', `${request.url.host} gave no answer in time`, facts, error)
  return new ConnectorError('unavailable', `${request.url.host} broke the connection`, facts, error)
}

function causeCode(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause)
    if ('code' in one && typeof one.code === 'string') return one.code
  return undefined
}
