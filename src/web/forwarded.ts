/** A request to a protected host as the reverse proxy tells it. */
export interface ForwardedRequest {
  /** As browsers write it in `Host`; whether it is configured is for others to say. */
  readonly host: string
  readonly address: string
  /** Whether somebody looks at a page, rather than a script or a form asking for something. */
  readonly isPageView: boolean
  /** nginx takes no redirect from whom it asks: it wants 401 and makes one itself. */
  readonly wants401: boolean
}

/**
 * Reads what reverse proxies send: nginx, by our configuration, `X-Original-URL`; Traefik and Caddy, of themselves,
 * `X-Forwarded-Host`, `-Uri` and `-Method`; what they say about the protocol is not asked for, since sign-in begins and ends
 * on https. Undefined when it is neither, or when both are there and name different hosts: what a proxy does not write itself
 * it passes on as the browser sent it. The headers of others than our own proxies must not get here. Pure.
 */
export function readForwarded(header: (name: string) => string | undefined): ForwardedRequest | undefined {
  const original = header('x-original-url')
  const host = header('x-forwarded-host')
  const url = readAddress(original ?? forwardedAddress(header))
  if (url === undefined) return undefined
  // The same text needs no second look; this is asked at each request.
  if (original !== undefined && host !== undefined && host !== url.host)
    if (readAddress(forwardedAddress(header))?.host !== url.host) return undefined
  return {
    host: url.host,
    address: `https://${url.host}${url.pathname}${url.search}`,
    isPageView: isPageView(header),
    wants401: original !== undefined,
  }
}

function forwardedAddress(header: (name: string) => string | undefined): string {
  const path = header('x-forwarded-uri') ?? '/'
  return `https://${header('x-forwarded-host') ?? ''}${path.startsWith('/') ? path : '/'}`
}

function readAddress(text: string): URL | undefined {
  // Only the plain form: what a URL parser forgives (spaces, backslashes, names before an @) has no place in a header.
  const isPlain = /^https?:\/\/[\w.-]+(:\d{1,5})?(\/[^\s\\]*)?$/i.test(text)
  const url = isPlain ? URL.parse(text) : null
  if (url?.protocol === 'http:') url.protocol = 'https:'
  return url ?? undefined
}

function isPageView(header: (name: string) => string | undefined): boolean {
  const method = header('x-forwarded-method') ?? 'GET'
  if (method !== 'GET' && method !== 'HEAD') return false
  const mode = header('sec-fetch-mode')
  return mode === undefined ? (header('accept') ?? '').includes('text/html') : mode === 'navigate'
}

/** A value as it may stand in a header: what is not plain ASCII, and what separates values, is percent-encoded. */
export function headerValue(text: string): string {
  return text.toWellFormed().replaceAll(/[^ -$&-+\--~]/gu, (letter) => encodeURIComponent(letter))
}

const longestList = 3_000

/** Names as they may stand in a header, separated by commas; as many as fit, since proxies refuse long headers. */
export function headerList(names: readonly string[]): string {
  let list = ''
  for (const name of names.map(headerValue)) {
    if (list.length + name.length + 1 > longestList) break
    list += list === '' ? name : `,${name}`
  }
  return list
}
