import { postgresKit } from '#db/kit.ts'
import { defineTables } from '#db/schema/index.ts'

/** Read by drizzle-kit, which sees only what is exported by name. A test compares the names with `index.ts`. */
export const {
  auditEvents,
  decisions,
  enforcements,
  jobs,
  journal,
  lookUps,
  outbox,
  pauses,
  seenRequests,
  tasks,
  threads,
} = defineTables(postgresKit)
