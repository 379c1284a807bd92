import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readEmail } from '#src/local-users/account.ts'

it('An address is read alike with and without blanks around it, however plain it is', () => {
  const part = fc.string({
    unit: fc.constantFrom('a', 'b', '9', '.', '-', '_', '+', 'x', 'n'),
    minLength: 1,
    maxLength: 12,
  })
  const end = fc.constantFrom('example', 'com', 'c', '12', 'a1', 'xn--p1ai')
  fc.assert(
    fc.property(part, part, end, (local, domain, last) => {
      const address = `${local}@${domain}.${last}`
      expect(readEmail(address)).toEqual(readEmail(` ${address} `))
    }),
    { numRuns: 2_000 },
  )
})
