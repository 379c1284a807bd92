import type { Store, WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { type Actor, assertRole } from '#src/people/actor.ts'
import type { OnLimit } from '#src/limits.ts'

/** What the work on local users needs. */
export interface LocalUserDeps {
  readonly store: Store
  readonly clock: Clock
  /** Hears of each try that a limit refused. */
  readonly onLimit?: OnLimit | undefined
}

/** What long work needs so that whoever waits in Slack comes first. */
export interface BackgroundDeps extends LocalUserDeps {
  /** Resolves when what people asked for until now is answered, or after the time; without it nobody is waited for. */
  readonly peopleFirst?: ((limitMs: number) => Promise<void>) | undefined
}

/** For how long one piece of long work gives way to people. It goes on then, however many of them ask. */
export const giveWayMs = 100

/** Who asks, and the moment; `batchId` when it is one of many. */
export interface Asked {
  /** A Slack user id, or `system`. */
  readonly by: string
  readonly now: Date
  readonly batchId?: string | undefined
  /** Whether an owner asks: only they take an account away that somebody in Slack decides with. */
  readonly isOwner?: boolean | undefined
}

/** Throws `UserError('not_allowed')` unless the person may manage local users. */
export function assertAdmin(actor: Actor): void {
  assertRole(actor, 'local_user_admin')
}

/** One change by one person in one transaction. Throws `UserError('not_allowed')`. */
export async function changeAs<T>(
  deps: LocalUserDeps,
  actor: Actor,
  work: (ctx: WriteContext, asked: Asked) => Promise<T>,
): Promise<T> {
  assertAdmin(actor)
  return await deps.store.write((ctx) =>
    work(ctx, { by: actor.userId, now: deps.clock.now(), isOwner: actor.roles.has('owner') }),
  )
}
