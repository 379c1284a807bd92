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
      // When it is due; while it is being sent, when the lease ends.
      notBefore: k.time('not_before').notNull(),
      // How often in a row its delivery threw, which no outage explains.
      failures: k.int('failures').notNull().default(0),
      fence: k.int('fence').notNull().default(0),
      // An earlier attempt may have reached its reader.
      uncertain: k.bool('uncertain').notNull().default(false),
      // Where it stands: Slack's ts.
      ref: k.text('ref'),
      deadReason: k.text('dead_reason'),
      createdAt: k.time('created_at').notNull(),
      sentAt: k.time('sent_at'),
    },
    (t) => [
      k.index('outbox_stream').on(t.stream, t.state, t.id),
      k.index('outbox_sent').on(t.sentAt),
      k.index('outbox_due').on(t.state, t.notBefore),
    ],
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

/** Pauses: nobody calls under the key before the time, in no replica. Paced calls take their turns with them, too. */
export const definePauses = (k: Kit) =>
  k.table('pauses', { key: k.text('key').primaryKey(), until: k.time('until').notNull() })
