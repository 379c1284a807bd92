import { changePerson, isoSeconds, mustBePerson } from '#src/sandbox/graph/people/people.ts'
import type { World } from '#src/sandbox/graph/world.ts'

/** A refresh token (or browser session) that some application holds for a person. */
export interface PersonSession {
  /** Whether it still gets a new access token. */
  readonly works: () => boolean
  /** Whether the access token that was given at the beginning still works: up to an hour, whatever happens. */
  readonly accessTokenWorks: () => boolean
}

const accessTokenMs = 3_600_000

/** Signs a person in somewhere, as if it had happened before the test. */
export function openSession(world: World, name: string): PersonSession {
  const { id, revocations } = mustBePerson(world, name)
  const endsAt = world.now() + accessTokenMs
  return {
    works: () => {
      const person = world.people.get(id)
      if (person === undefined || !person.properties.accountEnabled) return false
      // Guests sign in at their home tenant, where nothing of this is known.
      return person.properties.userType === 'Guest' || person.revocations === revocations
    },
    accessTokenWorks: () => world.now() < endsAt,
  }
}

/** How a sign-in ends. */
export type SignIn =
  | { readonly kind: 'signed_in'; readonly session: PersonSession }
  | { readonly kind: 'refused'; readonly code: 50126 | 50057 | 50034 }
  /** A new password must be chosen first, after a second factor when `withMfa`. */
  | { readonly kind: 'must_change_password'; readonly withMfa: boolean }
  /** A guest is sent to the home tenant. */
  | { readonly kind: 'home_tenant' }

/** Somebody at the sign-in page. */
export function signIn(world: World, name: string, password: string): SignIn {
  const person = [...world.people.values()].find(
    ({ properties }) => properties.userPrincipalName.toLowerCase() === name.toLowerCase(),
  )
  if (person === undefined) return { kind: 'refused', code: 50034 }
  if (person.properties.userType === 'Guest') return { kind: 'home_tenant' }
  if (person.password !== password) return { kind: 'refused', code: 50126 }
  if (!person.properties.accountEnabled) return { kind: 'refused', code: 50057 }
  if (person.mustChangePassword !== 'no')
    return { kind: 'must_change_password', withMfa: person.mustChangePassword === 'with_mfa' }
  return { kind: 'signed_in', session: openSession(world, person.id) }
}

/** Somebody chooses a new password at the sign-in page. */
export function choosePassword(world: World, name: string, password: string): void {
  const person = mustBePerson(world, name)
  changePerson(world, person, {
    password,
    mustChangePassword: 'no',
    properties: { lastPasswordChangeDateTime: isoSeconds(world.now()) },
  })
}

/** One cycle of Entra Connect: whatever was done here to synchronized people, the on-premises state is written back. */
export function synchronize(world: World): void {
  const at = isoSeconds(world.now())
  for (const person of world.people.values()) {
    if (person.properties.onPremisesSyncEnabled !== true) continue
    changePerson(world, person, {
      properties: { accountEnabled: person.isEnabledOnPremises, onPremisesLastSyncDateTime: at },
    })
  }
  world.settings.organization = { ...world.settings.organization, onPremisesLastSyncDateTime: at }
}
