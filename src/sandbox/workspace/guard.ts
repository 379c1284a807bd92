import type { MiddlewareHandler } from 'hono'

/**
 * Keeps other web sites out: only this machine's own names are served, so that no foreign name that leads here (DNS
 * rebinding) reads anything, and only our own pages change anything.
 */
export function guard(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const hosts = ['127.0.0.1', 'localhost'].map((name) => `${name}:${port()}`)
    const host = context.req.header('host') ?? ''
    if (!hosts.includes(host))
      return context.text(`This is not served as ${host}. Open http://${hosts[0]}/\n`, 421)
    const isReading = context.req.method === 'GET' || context.req.method === 'HEAD'
    if (!isReading && context.req.header('origin') !== `http://${host}`)
      return context.text('Only the pages of this sandbox may do that.\n', 403)
    await next()
    // A page may bring a policy of its own.
    for (const [name, value] of headers) if (!context.res.headers.has(name)) context.header(name, value)
    return undefined
  }
}

const headers = [
  [
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-store'],
] as const
