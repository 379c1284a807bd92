import type { FileConfig } from '#src/config/sections.ts'

/** Something in a right configuration that will hardly do what people expect of it. */
export interface Advice {
  /** Like `web.trusted_proxies`. */
  readonly path: string
  /** What happens, and what to do. */
  readonly sentence: string
}

/** What to think about before it hurts. Nothing of it keeps anybody from starting. Pure. */
export function adviceOn({ web }: Pick<FileConfig, 'web'>): readonly Advice[] {
  const everybody = web?.trustedProxies.find((range) => range.endsWith('/0'))
  if (everybody !== undefined) {
    const sentence = `${everybody} are all addresses there are: everybody is believed who they say they are, and as which host they come. Name the addresses of your proxies alone.`
    return [{ path: 'web.trusted_proxies', sentence }]
  }
  // Nothing here speaks TLS, so a proxy must.
  const isBehindProxy = web?.publicUrl.startsWith('https:') ?? false
  if (!isBehindProxy || (web?.trustedProxies.length ?? 0) > 0) return []
  const sentence =
    'No proxy is named, but people come through one, since it brings the TLS of web.public_url. All of them seem to come from its address, so that one person’s wrong passwords slow everybody, and protected hosts refuse everybody. Name the address of the proxy, like 127.0.0.1/32.'
  return [{ path: 'web.trusted_proxies', sentence }]
}
