import type { Kit } from '#db/kit.ts'
import { defineAccessRules, defineAccessTickets } from '#db/schema/access.ts'
import { defineSystemHealth } from '#db/schema/health.ts'
import { defineJobs, defineJournal } from '#db/schema/jobs.ts'
import {
  defineBatches,
  defineBatchFailures,
  defineBatchPieces,
  defineLocalCounts,
  defineLocalGroups,
  defineLocalMembers,
  defineLocalPasswords,
  defineLocalSessions,
  defineLocalSettings,
  defineLocalTombstones,
  defineLocalUsers,
  defineMails,
} from '#db/schema/local-users.ts'
import { defineOidcKeys, defineOidcRecords, defineOidcSignIns } from '#db/schema/oidc.ts'
import { defineOutbox, definePauses, defineThreads } from '#db/schema/outbox.ts'
import { definePeopleLists, defineTaskPeople } from '#db/schema/people.ts'
import {
  defineLocalChallenges,
  defineLocalFactorTries,
  defineLocalFactors,
  defineLocalRecoveryCodes,
  defineSlackBindings,
} from '#db/schema/second-factors.ts'
import { definePasswordHistory, defineSignInAttempts } from '#db/schema/sign-in.ts'
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
  accessRules: defineAccessRules(k),
  accessTickets: defineAccessTickets(k),
  auditEvents: defineAuditEvents(k),
  batches: defineBatches(k),
  batchFailures: defineBatchFailures(k),
  batchPieces: defineBatchPieces(k),
  decisions: defineDecisions(k),
  enforcements: defineEnforcements(k),
  jobs: defineJobs(k),
  journal: defineJournal(k),
  localChallenges: defineLocalChallenges(k),
  localCounts: defineLocalCounts(k),
  localFactors: defineLocalFactors(k),
  localFactorTries: defineLocalFactorTries(k),
  localGroups: defineLocalGroups(k),
  localMembers: defineLocalMembers(k),
  localPasswords: defineLocalPasswords(k),
  localRecoveryCodes: defineLocalRecoveryCodes(k),
  localSessions: defineLocalSessions(k),
  localSettings: defineLocalSettings(k),
  localTombstones: defineLocalTombstones(k),
  localUsers: defineLocalUsers(k),
  lookUps: defineLookUps(k),
  mails: defineMails(k),
  oidcKeys: defineOidcKeys(k),
  oidcRecords: defineOidcRecords(k),
  oidcSignIns: defineOidcSignIns(k),
  outbox: defineOutbox(k),
  passwordHistory: definePasswordHistory(k),
  pauses: definePauses(k),
  peopleLists: definePeopleLists(k),
  seenRequests: defineSeenRequests(k),
  slackBindings: defineSlackBindings(k),
  signInAttempts: defineSignInAttempts(k),
  systemHealth: defineSystemHealth(k),
  taskPeople: defineTaskPeople(k),
  tasks: defineTasks(k),
  threads: defineThreads(k),
})

/** The tables as queries see them. */
export type Tables = ReturnType<typeof defineTables>
