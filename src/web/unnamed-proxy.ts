import type { Log } from '#src/log.ts'

/** Looks at each request that does not come from a proxy of ours. */
export type NoticeProxy = (request: {
  readonly peer: string
  readonly forwardedFor: string | undefined
}) => void

/**
 * Says once that a request came through a proxy that the configuration does not name. Anybody can write the header, so what
 * it says is neither believed nor logged.
 */
export function createProxyNotice(log: Log): NoticeProxy {
  let isSaid = false
  return ({ peer, forwardedFor }) => {
    if (isSaid || forwardedFor === undefined) return
    isSaid = true
    log.warn(
      { peer, setting: 'web.trusted_proxies' },
      'requests come with X-Forwarded-For from an address that web.trusted_proxies does not name; if it is your reverse proxy, name it there: until then all people behind it count as one source of wrong passwords',
    )
  }
}
