import { expect, it } from 'vitest'
import { offersFor } from '#src/tasks/offers.ts'

const never = () => Promise.reject(new Error('not asked'))
const connectors = [
  { system: { id: 'all', kind: 'okta' }, resetPassword: never, signOut: never },
  { system: { id: 'reset', kind: 'openldap' }, resetPassword: never },
  { system: { id: 'plain', kind: 'openldap' } },
] as const
const free = { kind: 'none' } as const
const deny = { kind: 'deny', why: 'on the list' } as const

it.each([
  [[], []],
  [[['all', 'enabled', free]], ['disable_account', 'force_password_reset', 'force_sign_out']],
  [[['all', 'disabled', free]], ['enable_account', 'force_sign_out']],
  [[['reset', 'enabled', free]], ['disable_account', 'force_password_reset']],
  [[['plain', 'enabled', free]], ['disable_account']],
  [[['plain', 'disabled', free]], ['enable_account']],
  [[['gone', 'enabled', free]], ['disable_account']],
  [[['all', 'enabled', deny]], []],
  [
    [
      ['plain', 'disabled', free],
      ['reset', 'enabled', free],
    ],
    ['enable_account', 'disable_account', 'force_password_reset'],
  ],
] as const)('About accounts %j one may ask for %j', (accounts, offers) => {
  const found = accounts.map(([systemId, state, protection]) => ({ systemId, state, protection }))
  expect([...offersFor(found, connectors)]).toEqual(offers)
})
