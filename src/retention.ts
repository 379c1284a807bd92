import { z } from 'zod'
import { deleteTicketsEndedBefore } from '#db/queries/access-tickets.ts'
import { deleteJobsFinishedBefore } from '#db/queries/jobs.ts'
import { deleteLookUpsBefore } from '#db/queries/look-ups.ts'
import { deleteOidcRecordsOverBefore, deleteOidcSignInsBefore } from '#db/queries/oidc.ts'
import { deleteLinesSentBefore } from '#db/queries/outbox.ts'
import { deleteAuditEventsBefore, deleteTasksFinishedBefore } from '#db/queries/retention.ts'
import { deleteChallengesBefore } from '#db/queries/second-factors.ts'
import { deleteAttemptsBefore } from '#db/queries/sign-in.ts'
import { deleteSessionsOverBefore } from '#db/queries/sign-in-sessions.ts'
import { deleteListsBefore } from '#db/queries/task-people.ts'
import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { JobKind } from '#src/jobs/job.ts'

const dayMs = 24 * 60 * 60 * 1000
// A form that old asks to look again; a job or line that old has nothing left to tell.
const lookUpsMs = 31 * dayMs
const traceMs = 14 * dayMs
const chunk = 200

/** How long history is kept. */
export interface RetentionRules {
  readonly tasksMs: number
  readonly auditMs: number
}

/** The kind of the job that forgets what is old; a schedule makes one each day. */
export const forgetOldJobKind = 'forget_old'

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
      for (;;) {
        run.signal.throwIfAborted()
        const gone = await store.write((ctx) => deleteTasksFinishedBefore(ctx, ago(retention.tasksMs), chunk))
        if (gone < chunk) break
      }
      await store.write((ctx) => deleteAuditEventsBefore(ctx, ago(retention.auditMs)))
      await store.write((ctx) => deleteLookUpsBefore(ctx, ago(lookUpsMs)))
      await store.write((ctx) => deleteListsBefore(ctx, ago(lookUpsMs)))
      await store.write((ctx) => deleteSessionsOverBefore(ctx, clock.now()))
      await store.write((ctx) => deleteChallengesBefore(ctx, clock.now()))
      await store.write((ctx) => deleteTicketsEndedBefore(ctx, clock.now()))
      await store.write((ctx) => deleteOidcRecordsOverBefore(ctx, clock.now()))
      await store.write((ctx) => deleteOidcSignInsBefore(ctx, ago(lookUpsMs)))
      await store.write((ctx) => deleteAttemptsBefore(ctx, ago(2 * dayMs)))
      await store.write((ctx) => deleteLinesSentBefore(ctx, ago(traceMs)))
      await store.write((ctx) => deleteJobsFinishedBefore(ctx, ago(traceMs)))
      return { kind: 'completed' }
    },
    givenUp: async () => {},
  }
}
