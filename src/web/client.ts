import { BlockList, isIP } from 'node:net'

/** Knows which addresses are reverse proxies of ours: only their forwarded headers are believed. */
export interface TrustedProxies {
  has(address: string): boolean
}

/** Reads ranges like `10.0.0.0/8` or single addresses, as the configuration has checked them. */
export function createTrustedProxies(ranges: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return {
    has: (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
  }
}

/** From where a request comes, and which host it asks for. */
export interface Client {
  /** The address of whoever asks; behind proxies of ours, of whoever asked them. */
  readonly address: string
  /** As in the `Host` header, with its port; behind a proxy of ours, the host that it was asked for. */
  readonly host: string
  /** Whether a proxy of ours brought it, whose other headers are believed too. */
  readonly isFromProxy: boolean
}

/**
 * Judges the headers: `X-Forwarded-For` counts from its right end as far as the addresses are proxies of ours, so that
 * nobody can put an address of their choice there. Pure.
 */
export function clientOf(
  request: {
    readonly peer: string | undefined
    header(name: string): string | undefined
  },
  proxies: TrustedProxies,
): Client {
  const peer = plainAddress(request.peer ?? '')
  const host = request.header('host') ?? ''
  if (!proxies.has(peer)) return { address: peer, host, isFromProxy: false }
  const hops = (request.header('x-forwarded-for') ?? '').split(',').map((hop) => plainAddress(hop.trim()))
  let address = peer
  for (const hop of hops.toReversed()) {
    if (isIP(hop) === 0) break
    address = hop
    if (!proxies.has(hop)) break
  }
  return { address, host: request.header('x-forwarded-host') ?? host, isFromProxy: true }
}

/** IPv4 as such, also where a socket shows it as IPv6; without the port and the brackets that some proxies write. */
function plainAddress(text: string): string {
  const [, v6, v4] = /^(?:\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+)$/.exec(text) ?? []
  const address = v6 ?? v4 ?? text
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}
