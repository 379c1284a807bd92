import type { Store } from '#db/store.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import type { Actor, Role } from '#src/people/actor.ts'
import { createMovedClock, type MovedClock } from '#test/helpers/moved-clock.ts'

/** A Slack person with these roles. */
export function actorWith(...roles: readonly Role[]): Actor {
  return {
    userId: 'U0LOU',
    teamId: 'T1',
    enterpriseId: undefined,
    name: 'Lou',
    email: 'lou@corp.example',
    tz: undefined,
    roles: new Set(roles),
  }
}

/** Somebody who manages local users. */
export const lou = actorWith('local_user_admin')

/** What the work on local users needs, with a clock that is moved by hand. */
export function localUserDeps(store: Store): LocalUserDeps & { readonly clock: MovedClock } {
  return { store, clock: createMovedClock() }
}

/** All audit events as `kind` and facts, in their order. */
export async function auditTrail(store: Store): Promise<{ kind: string; actor: string; facts: unknown }[]> {
  const rows = await store.read((ctx) => ctx.q.select().from(ctx.t.auditEvents).orderBy(ctx.t.auditEvents.id))
  return rows.map(({ kind, actor, facts }) => ({ kind, actor, facts }))
}
