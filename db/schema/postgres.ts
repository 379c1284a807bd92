import { postgresKit } from '#db/kit.ts'
import { defineTables } from '#db/schema/index.ts'

/** Read by drizzle-kit, which sees only what is exported by name. A test compares the names with `index.ts`. */
export const {
  accessRules,
  auditEvents,
  batches,
  batchFailures,
  batchPieces,
  decisions,
  enforcements,
  jobs,
  journal,
  localCounts,
  localGroups,
  localMembers,
  localPasswords,
  localSessions,
  localSettings,
  localTombstones,
  localUsers,
  lookUps,
  mails,
  outbox,
  pauses,
  peopleLists,
  seenRequests,
  taskPeople,
  tasks,
  threads,
} = defineTables(postgresKit)
