import { TOTP } from 'otpauth'
import { insertSession } from '#db/queries/local-users-sign-in.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import type { Store } from '#db/store.ts'
import { secret } from '#src/secrets.ts'
import type { FactorDeps } from '#src/sign-in/factors.ts'
import type { SignedIn } from '#src/sign-in/session.ts'
import { beginTotp, finishTotp } from '#src/sign-in/totp.ts'
import { localUserRow } from '#test/helpers/local-rows.ts'
import { createMovedClock, type MovedClock } from '#test/helpers/moved-clock.ts'

/** The id of a local user as ours look. */
export const personId = (name: string): string => `${name}-`.padEnd(22, '0')

/** The id of the session in which somebody is signed in. */
export const sessionOf = (name: string): string => `session-${name}`

/** What the work on second factors needs, with a clock that is moved by hand. */
export function factorDeps(
  store: Store,
  clock: MovedClock = createMovedClock(),
): FactorDeps & { readonly clock: MovedClock } {
  const secrets = [secret('a secret of thirty-two characters!')]
  return { store, clock, web: { secrets, publicUrl: 'https://access.corp.example' } }
}

/** Adds local users who are enrolled, and signed in for long. */
export async function addPeople(deps: FactorDeps, ...names: readonly string[]): Promise<void> {
  const enrolledAt = deps.clock.now()
  const rows = names.map((name) =>
    localUserRow(personId(name), {
      email: `${name}@corp.example`,
      emailKey: `${name}@corp.example`,
      enrolledAt,
    }),
  )
  await deps.store.write(async (ctx) => {
    await insertLocalUsers(ctx, rows)
    for (const name of names)
      await insertSession(ctx, {
        id: sessionOf(name),
        userId: personId(name),
        kind: 'page',
        factors: ['password'],
        createdAt: enrolledAt,
        expiresAt: new Date(enrolledAt.getTime() + 365 * 24 * 60 * 60_000),
      })
  })
}

/** Somebody who signed in just now. */
export function signedIn(
  deps: FactorDeps,
  name: string,
  factors: SignedIn['factors'] = ['password'],
): SignedIn {
  return {
    sessionId: sessionOf(name),
    userId: personId(name),
    email: `${name}@corp.example`,
    groups: [],
    signedInAt: deps.clock.now(),
    factors,
  }
}

/** What an authenticator app with this secret shows, `steps` away from now. */
export function codeOf(deps: FactorDeps, typed: string, steps = 0): string {
  const timestamp = deps.clock.now().getTime() + steps * 30_000
  return new TOTP({ secret: typed }).generate({ timestamp })
}

/** Sets an authenticator app up and returns its secret; the clock has moved on, so that its next code is a fresh one. */
export async function addApp(
  deps: FactorDeps & { readonly clock: MovedClock },
  name: string,
  factors: SignedIn['factors'] = ['password'],
): Promise<string> {
  const who = signedIn(deps, name, factors)
  const { id, typed } = await beginTotp(deps, who)
  await finishTotp(deps, who, { id, code: codeOf(deps, typed.reveal()), name: 'Phone' })
  deps.clock.move(30_000)
  return typed.reveal()
}
