import type { MiddlewareHandler } from 'hono'
import type { WebEnv } from '#src/web/server.ts'

const fixed = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), browsing-topics=()',
  // No address of a page with a link in it reaches anybody else; `no-referrer` would also take the Origin from forms.
  'referrer-policy': 'same-origin',
} as const

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  // Chromium counts the redirects after a form too: whoever leaves for another site does so from a page of its own.
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** The headers that protect people, with their values. */
export function protectingHeaders(isHttps: boolean): readonly (readonly [name: string, value: string])[] {
  return [
    ...Object.entries(fixed),
    ...(isHttps ? [['strict-transport-security', 'max-age=31536000'] as const] : []),
    ['content-security-policy', policy],
  ]
}

/** Puts the headers that protect people onto every answer, after the page has had its say. */
export function secureHeaders(isHttps: boolean): MiddlewareHandler<WebEnv> {
  const headers = protectingHeaders(isHttps)
  return async (context, next) => {
    await next()
    for (const [name, value] of headers) context.header(name, value)
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store')
  }
}
