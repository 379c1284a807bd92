import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { networkOf, sourceOf } from '#src/sign-in/source.ts'

describe('A source', () => {
  it('is an IPv4 address, or a whole IPv6 network however it is written', () => {
    expect(sourceOf('2001:db8:0:1::5')).toBe(sourceOf('2001:0DB8::1:ffff:0:0:7'))
    expect(sourceOf('2001:db8:0:2::5')).not.toBe(sourceOf('2001:db8:0:1::5'))
    expect(sourceOf('fe80::1%eth0')).toBe(sourceOf('fe80::2'))
    expect([sourceOf('192.0.2.1'), sourceOf('::1')]).toEqual(['192.0.2.1', '0:0:0:0'])
  })

  it.each([
    ['a socket that takes both', (hex: string) => `::ffff:${hex}`],
    ['NAT64', (hex: string) => `64:ff9b::${hex}`],
    ['NAT64 of one network', (hex: string) => `64:ff9b:1::${hex}`],
    ['a stateless translator', (hex: string) => `::ffff:0:${hex}`],
    ['6to4', (hex: string) => `2002:${hex}:7::9`],
  ])('is the IPv4 address that %s shows as an IPv6 one', (_, shown) => {
    expect(sourceOf(shown('c000:201'))).toBe('192.0.2.1')
    expect(sourceOf(shown('c000:202'))).toBe('192.0.2.2')
  })

  it.each(['::ffff:192.0.2.1', '64:ff9b::192.0.2.1', '64:FF9B:0:0:0:0:192.0.2.1'])('reads %s', (address) => {
    expect(sourceOf(address)).toBe('192.0.2.1')
  })

  it('is part of an IPv6 network of 48 bits, and an IPv4 address is a network of its own', () => {
    expect(networkOf('2001:db8:7:1::5')).toBe(networkOf('2001:db8:7:ffff::1'))
    expect(networkOf('2001:db8:7:1::5')).not.toBe(networkOf('2001:db8:8:1::5'))
    const ours = ['192.0.2.1', '::ffff:192.0.2.1', '64:ff9b::c000:201', 'unknown']
    expect(ours.map(networkOf)).toEqual(ours.map(sourceOf))
  })

  it('is any text that is no address as it is', () => {
    expect(['', 'unknown', '1', '010.0.0.1'].map(sourceOf)).toEqual(['', 'unknown', '1', '010.0.0.1'])
  })

  it('is the same for all addresses of one IPv6 network, and another for each other network', () => {
    const address = fc.ipV6().filter((one) => !/^(::|0|64:ff9b|2002)/i.test(one))
    fc.assert(
      fc.property(address, (one) => {
        const source = sourceOf(one)
        expect(source).toMatch(/^([\da-f]{1,4}:){3}[\da-f]{1,4}$/)
        expect(sourceOf(`${source}::1`)).toBe(source)
      }),
    )
  })
})
