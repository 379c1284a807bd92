import type { Kit } from '#db/kit.ts'
import { defineJobs, defineJournal } from '#db/schema/jobs.ts'
import { defineOutbox, definePauses, defineThreads } from '#db/schema/outbox.ts'
import {
  defineAuditEvents,
  defineDecisions,
  defineEnforcements,
  defineLookUps,
  defineSeenRequests,
  defineTasks,
} from '#db/schema/tasks.ts'

/** All tables in the dialect of the kit. ONE LINE each; add the same name to `sqlite.ts` and `postgres.ts`. */
export const defineTables = (k: Kit) => ({
  auditEvents: defineAuditEvents(k),
  decisions: defineDecisions(k),
  enforcements: defineEnforcements(k),
  jobs: defineJobs(k),
  journal: defineJournal(k),
  lookUps: defineLookUps(k),
  outbox: defineOutbox(k),
  pauses: definePauses(k),
  seenRequests: defineSeenRequests(k),
  tasks: defineTasks(k),
  threads: defineThreads(k),
})

/** The tables as queries see them. */
export type Tables = ReturnType<typeof defineTables>
