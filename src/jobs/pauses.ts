import { pause, pausedUntil } from '#db/queries/pauses.ts'
import type { Store } from '#db/store.ts'

/** Pauses that somebody asked us to keep, in the database, so that every replica keeps them. */
export interface KeptPauses {
  /** Until when nobody calls; undefined, or a time that is over, when everybody may. */
  until(id: string): Promise<Date | undefined>
  /** A pause that lasts longer already stays. */
  pause(id: string, until: Date): Promise<void>
}

/** Under which key the pauses of one kind stand. */
export function pauseKey(kind: PauseKind, id: string): string {
  return `${kind}:${id}`
}

/** Who asked for a pause: an IAM system. */
type PauseKind = 'iam'

/** The pauses under one kind of key, e.g. `iam`, beside those of others. */
export function keepPauses(store: Store, kind: PauseKind): KeptPauses {
  const keyOf = (id: string) => pauseKey(kind, id)
  return {
    until: (id) => store.read((ctx) => pausedUntil(ctx, keyOf(id))),
    pause: (id, until) => store.write((ctx) => pause(ctx, keyOf(id), until)),
  }
}
