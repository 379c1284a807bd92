import { z } from 'zod'
import { deleteTicketsEndedBefore } from '#db/queries/access-tickets.ts'
import { deleteJobsFinishedBefore } from '#db/queries/jobs.ts'
import { deleteLookUpsBefore } from '#db/queries/look-ups.ts'
import {
  deleteOidcRecordsOfSessionsOverBefore,
  deleteOidcRecordsOverBefore,
  deleteOidcSignInsBefore,
} from '#db/queries/oidc.ts'
import { deleteLinesSentBefore } from '#db/queries/outbox.ts'
import { deleteAuditEventsBefore, deleteTasksFinishedBefore } from '#db/queries/retention.ts'
import { deleteChallengesBefore } from '#db/queries/second-factors.ts'
import { deleteAttemptsBefore } from '#db/queries/sign-in.ts'
import { deleteSessionsOverBefore } from '#db/queries/sign-in-sessions.ts'
import { deleteListsBefore } from '#db/queries/task-people.ts'
import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { JobKind } from '#src/jobs/job.ts'
import type { Schedule } from '#src/jobs/schedules.ts'

const dayMs = 24 * 60 * 60 * 1000
// A form that old asks to look again; a job or line that old has nothing left to tell.
const lookUpsMs = 31 * dayMs
const traceMs = 14 * dayMs
// As long as any of them counts.
const attemptsMs = 2 * dayMs
const chunk = 200

/** How long history is kept. */
export interface RetentionRules {
  readonly tasksMs: number
  readonly auditMs: number
}

const forgetOldJobKind = 'forget_old'
const forgetOverJobKind = 'forget_over'

/** What is old is forgotten each day, what is over each hour. */
export const forgettingSchedules: readonly Schedule[] = [
  { kind: forgetOldJobKind, payload: {}, pattern: '17 3 * * *' },
  { kind: forgetOverJobKind, payload: {}, pattern: '41 * * * *' },
]

/** Forgets history older than the configuration keeps it, in pieces that leave room for clicks in between. */
export function forgetOldJob(deps: {
  readonly store: Store
  readonly clock: Clock
  readonly retention: RetentionRules
}): JobKind<Record<string, never>> {
  const { store, clock, retention } = deps
  return {
    kind: forgetOldJobKind,
    payload: z.object({}).strict(),
    maxAttempts: 5,
    async run(_payload, run) {
      const ago = (ms: number) => new Date(clock.now().getTime() - ms)
      await inPieces(run.signal, () =>
        store.write((ctx) => deleteTasksFinishedBefore(ctx, ago(retention.tasksMs), chunk)),
      )
      await store.write((ctx) => deleteAuditEventsBefore(ctx, ago(retention.auditMs)))
      await store.write((ctx) => deleteLookUpsBefore(ctx, ago(lookUpsMs)))
      await store.write((ctx) => deleteListsBefore(ctx, ago(lookUpsMs)))
      await store.write((ctx) => deleteOidcSignInsBefore(ctx, ago(lookUpsMs)))
      await store.write((ctx) => deleteLinesSentBefore(ctx, ago(traceMs)))
      await store.write((ctx) => deleteJobsFinishedBefore(ctx, ago(traceMs)))
      return { kind: 'completed' }
    },
    givenUp: async () => {},
  }
}

/** Forgets sign-ins of all kinds that are over, and tries that count no longer: strangers can bring some of them about. */
export function forgetOverJob(deps: {
  readonly store: Store
  readonly clock: Clock
}): JobKind<Record<string, never>> {
  const { store, clock } = deps
  return {
    kind: forgetOverJobKind,
    payload: z.object({}).strict(),
    maxAttempts: 5,
    async run(_payload, run) {
      await inPieces(run.signal, () =>
        store.write((ctx) => deleteOidcRecordsOverBefore(ctx, clock.now(), chunk)),
      )
      // Before their sessions, by which they are found. Services keep sessions of their own, so where somebody signed in is kept.
      const at = clock.now()
      await inPieces(run.signal, () =>
        store.write((ctx) => deleteOidcRecordsOfSessionsOverBefore(ctx, at, chunk)),
      )
      await store.write((ctx) => deleteSessionsOverBefore(ctx, at))
      await store.write((ctx) => deleteChallengesBefore(ctx, clock.now()))
      await store.write((ctx) => deleteTicketsEndedBefore(ctx, clock.now()))
      await store.write((ctx) => deleteAttemptsBefore(ctx, new Date(clock.now().getTime() - attemptsMs)))
      return { kind: 'completed' }
    },
    givenUp: async () => {},
  }
}

/** Goes on until a piece was not a whole one. */
async function inPieces(signal: AbortSignal, forgetPiece: () => Promise<number>): Promise<void> {
  do signal.throwIfAborted()
  while ((await forgetPiece()) === chunk)
}
