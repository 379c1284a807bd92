import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Under what the tries from an address are counted: an IPv4 address, or the first 64 bits of an IPv6 one, because who has
 * one address of such a network has all of them. What stands for an IPv4 address (NAT64, 6to4, …) counts as that one: all
 * of IPv4 looks like one network there. What is no address stays as it is. Pure.
 */
export function sourceOf(address: string): string {
  return partOf(address, 64)
}

/**
 * What is taken together where sources are cheap: an IPv4 address, or the first 48 bits of an IPv6 one. Anybody can have a
 * network of that size, which is 65,536 sources. Pure.
 */
export function networkOf(address: string): string {
  return partOf(address, 48)
}

function partOf(address: string, bits: 48 | 64): string {
  if (isIP(address) === 0) return address
  const read = ipaddr.parse(address)
  if (!(read instanceof ipaddr.IPv6)) return read.toString()
  const inside = inIPv6(read)
  if (inside !== undefined) return inside.toString()
  return read.parts
    .slice(0, bits / 16)
    .map((part) => part.toString(16))
    .join(':')
}

/** The IPv4 address for which an IPv6 one stands: RFC 4291, 6052, 7915 (once 6145), 8215 and 3056. */
function inIPv6(address: ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bytes = address.toByteArray()
  const range = address.range()
  if (range === '6to4') return ipaddr.fromByteArray(bytes.slice(2, 6))
  const isAtTheEnd = range === 'ipv4Mapped' || range === 'rfc6052' || range === 'rfc6145'
  return isAtTheEnd ? ipaddr.fromByteArray(bytes.slice(12)) : undefined
}
