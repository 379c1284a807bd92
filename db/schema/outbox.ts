import type { Kit } from '#db/kit.ts'

/** Outbox: facts that people will be told, in the order in which they became true. */
export const defineOutbox = (k: Kit) =>
  k.table(
    'outbox',
    {
      id: k.serial('id').primaryKey(),
      stream: k.text('stream').notNull(),
      // reply | status | direct
      lane: k.text('lane').notNull(),
      message: k.json('message').notNull(),
      // Grows when the facts behind a waiting status line change again.
      version: k.int('version').notNull().default(1),
      // waiting | sending | sent | dead
      state: k.text('state').notNull(),
      attempt: k.int('attempt').notNull().default(0),
      notBefore: k.time('not_before'),
      fence: k.int('fence').notNull().default(0),
      holder: k.text('holder'),
      // An earlier attempt may have reached its reader.
      uncertain: k.bool('uncertain').notNull().default(false),
      resultRef: k.text('result_ref'),
      deadReason: k.text('dead_reason'),
      createdAt: k.insertedAt('created_at'),
      sentAt: k.time('sent_at'),
    },
    (t) => [k.index('outbox_stream').on(t.stream, t.state, t.id), k.index('outbox_due').on(t.state, t.id)],
  )

/** Threads: where a stream's root message is, so that replies find it. */
export const defineThreads = (k: Kit) =>
  k.table('threads', {
    stream: k.text('stream').primaryKey(),
    channel: k.text('channel').notNull(),
    ts: k.text('ts').notNull(),
    permalink: k.text('permalink'),
    createdAt: k.time('created_at').notNull(),
  })

/** Pauses: nobody calls under the key before the time, in no replica. */
export const definePauses = (k: Kit) =>
  k.table('pauses', { key: k.text('key').primaryKey(), until: k.time('until').notNull() })

/** Slots: the time from which the next call under the key is due, for calls that are paced. */
export const defineSlots = (k: Kit) =>
  k.table('slots', { key: k.text('key').primaryKey(), freeAt: k.time('free_at').notNull() })
