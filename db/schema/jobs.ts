import type { Kit } from '#db/kit.ts'

/** Jobs: durable background work. A run holds a job by its lease; the fence grows with each claim. */
export const defineJobs = (k: Kit) =>
  k.table(
    'jobs',
    {
      id: k.serial('id').primaryKey(),
      kind: k.text('kind').notNull(),
      // Whose work it is: an IAM system's id, so that a slow one holds up nobody else; empty for everything else.
      lane: k.text('lane').notNull().default(''),
      payload: k.json('payload').notNull(),
      // available | executing | completed | failed
      state: k.text('state').notNull(),
      attempt: k.int('attempt').notNull().default(0),
      // When it is due; while it runs, when its lease ends. So one index finds both what is due and what was left behind.
      runAt: k.time('run_at').notNull(),
      fence: k.int('fence').notNull().default(0),
      // Emptied when the job finishes, so that the unique index holds among unfinished jobs only, on both engines.
      dedupeKey: k.text('dedupe_key'),
      lastReason: k.text('last_reason'),
      createdAt: k.time('created_at').notNull(),
      finishedAt: k.time('finished_at'),
    },
    (t) => [
      k.uniqueIndex('jobs_dedupe').on(t.dedupeKey),
      k.index('jobs_due').on(t.state, t.lane, t.runAt),
      k.index('jobs_finished').on(t.finishedAt),
    ],
  )

/** Journal: what a step of durable work gave the first time, kept for each repetition. */
export const defineJournal = (k: Kit) =>
  k.table(
    'journal',
    {
      scope: k.text('scope').notNull(),
      name: k.text('name').notNull(),
      // JSON as text: kept exactly as written, and never looked into by the database.
      value: k.text('value').notNull(),
      createdAt: k.time('created_at').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.scope, t.name] })],
  )
