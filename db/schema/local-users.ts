import type { Kit } from '#db/kit.ts'

/** Local users: the team's own accounts, for people without another identity provider. */
export const defineLocalUsers = (k: Kit) =>
  k.table(
    'local_users',
    {
      // In the order in which they were made.
      seq: k.serial('seq').primaryKey(),
      id: k.text('id').notNull(),
      email: k.text('email').notNull(),
      // The address as it is compared: unique ignoring case.
      emailKey: k.text('email_key').notNull(),
      description: k.text('description').notNull(),
      searchText: k.text('search_text').notNull(),
      // enabled | disabled
      state: k.text('state').notNull(),
      // Since when a Disable task's word stands: only an Enable task makes the account enabled again.
      heldSince: k.time('held_since'),
      // Which enrollment link counts. It grows with each new link and each one that is killed.
      generation: k.int('generation').notNull(),
      // Of the link that is out; empty before it is sent and once it is dead.
      linkHash: k.text('link_hash'),
      // When the link ends: by itself, or because it was killed.
      linkExpiresAt: k.time('link_expires_at'),
      enrolledAt: k.time('enrolled_at'),
      // Why the mail server did not take the last mail.
      mailProblem: k.text('mail_problem'),
      version: k.int('version').notNull(),
      createdAt: k.time('created_at').notNull(),
      updatedAt: k.time('updated_at').notNull(),
    },
    (t) => [
      k.uniqueIndex('local_users_id').on(t.id),
      k.uniqueIndex('local_users_email').on(t.emailKey),
      k.index('local_users_state').on(t.state, t.enrolledAt, t.linkExpiresAt),
      k.index('local_users_created').on(t.createdAt, t.seq),
    ],
  )

/** Passwords of local users, as PHC strings; apart, so that no list reads them. */
export const defineLocalPasswords = (k: Kit) =>
  k.table('local_passwords', {
    userId: k.text('user_id').primaryKey(),
    hash: k.text('hash').notNull(),
    changedAt: k.time('changed_at').notNull(),
  })

/** Local groups. **All local users** is none of them: it is everybody. */
export const defineLocalGroups = (k: Kit) =>
  k.table(
    'local_groups',
    {
      // In the order in which they were made.
      seq: k.serial('seq').primaryKey(),
      id: k.text('id').notNull(),
      name: k.text('name').notNull(),
      // The name as it is compared: unique ignoring case.
      nameKey: k.text('name_key').notNull(),
      description: k.text('description').notNull(),
      searchText: k.text('search_text').notNull(),
      // Kept in step with the members in the same transaction, so that a list counts nobody.
      memberCount: k.int('member_count').notNull(),
      version: k.int('version').notNull(),
      createdAt: k.time('created_at').notNull(),
      updatedAt: k.time('updated_at').notNull(),
    },
    (t) => [k.uniqueIndex('local_groups_id').on(t.id), k.uniqueIndex('local_groups_name').on(t.nameKey)],
  )

/** Members: who is in which group. The address is there too, so that a group is listed in its order. */
export const defineLocalMembers = (k: Kit) =>
  k.table(
    'local_members',
    {
      groupId: k.text('group_id').notNull(),
      userId: k.text('user_id').notNull(),
      emailKey: k.text('email_key').notNull(),
    },
    (t) => [
      k.primaryKey({ columns: [t.groupId, t.userId] }),
      k.index('local_members_user').on(t.userId),
      k.index('local_members_email').on(t.groupId, t.emailKey),
    ],
  )

/**
 * Tombstones: accounts that a Disable task disabled and somebody deleted. Made again, such an account has the same id and
 * is disabled still, so that the same Enable task makes it enabled.
 */
export const defineLocalTombstones = (k: Kit) =>
  k.table('local_tombstones', {
    emailKey: k.text('email_key').primaryKey(),
    userId: k.text('user_id').notNull(),
    heldSince: k.time('held_since').notNull(),
    generation: k.int('generation').notNull(),
    createdAt: k.time('created_at').notNull(),
  })

/** Sessions, tokens and other sign-ins that are open: gone in the transaction that disables or deletes the account. */
export const defineLocalSessions = (k: Kit) =>
  k.table(
    'local_sessions',
    {
      id: k.text('id').primaryKey(),
      userId: k.text('user_id').notNull(),
      // page | forward | oidc …
      kind: k.text('kind').notNull(),
      // With which the person signed in: password | totp | passkey | recovery_code
      factors: k.json('factors').notNull().default([]),
      // The session out of which this one came; it ends with that one.
      parentId: k.text('parent_id'),
      // What the person recognises it by: a browser, or the service that it is for.
      label: k.text('label').notNull().default(''),
      createdAt: k.time('created_at').notNull(),
      expiresAt: k.time('expires_at').notNull(),
    },
    (t) => [
      k.index('local_sessions_user').on(t.userId),
      k.index('local_sessions_parent').on(t.parentId),
      k.index('local_sessions_expires').on(t.expiresAt),
    ],
  )

/**
 * Mails that wait to be sent. A line holds no link, only which one it is about: the link is made when the mail is sent.
 * Apart from the outbox, so that ten thousand of them never stand before a task's message.
 */
export const defineMails = (k: Kit) =>
  k.table(
    'mails',
    {
      id: k.serial('id').primaryKey(),
      // enrollment | new_password
      kind: k.text('kind').notNull(),
      userId: k.text('user_id').notNull(),
      generation: k.int('generation').notNull(),
      attempt: k.int('attempt').notNull().default(0),
      notBefore: k.time('not_before').notNull(),
      createdAt: k.time('created_at').notNull(),
    },
    (t) => [k.index('mails_due').on(t.notBefore, t.id)],
  )

/** Settings for all local users. */
export const defineLocalSettings = (k: Kit) =>
  k.table('local_settings', {
    key: k.text('key').primaryKey(),
    value: k.json('value').notNull(),
    updatedAt: k.time('updated_at').notNull(),
    updatedBy: k.text('updated_by').notNull(),
  })

/** Counts: how many accounts and groups there are, changed in the transaction that adds or removes them. */
export const defineLocalCounts = (k: Kit) =>
  k.table('local_counts', { key: k.text('key').primaryKey(), n: k.int('n').notNull() })

/** Batches: one action over many local users. */
export const defineBatches = (k: Kit) =>
  k.table(
    'batches',
    {
      // In the order in which they were made.
      seq: k.serial('seq').primaryKey(),
      id: k.text('id').notNull(),
      action: k.text('action').notNull(),
      // draft | queued | running | done | cancelled | failed
      state: k.text('state').notNull(),
      requesterId: k.text('requester_id').notNull(),
      // What it was asked for, in facts: a selection, a file's name, what the dry run said.
      facts: k.json('facts').notNull(),
      total: k.int('total').notNull(),
      done: k.int('done').notNull(),
      changed: k.int('changed').notNull(),
      failed: k.int('failed').notNull(),
      // Of those that changed, the ones of which something is left to do: the failures say what.
      partly: k.int('partly').notNull().default(0),
      // The next piece to be worked on: it moves on in the transaction that does the piece.
      nextPiece: k.int('next_piece').notNull(),
      // When it was asked for, which is the order of working; of a dry run: when it was made, then when it was confirmed.
      createdAt: k.time('created_at').notNull(),
      startedAt: k.time('started_at'),
      finishedAt: k.time('finished_at'),
      endedBy: k.text('ended_by'),
    },
    (t) => [
      k.uniqueIndex('batches_id').on(t.id),
      k.index('batches_state').on(t.state, t.seq),
      k.index('batches_created').on(t.createdAt),
    ],
  )

/** The rows of batches, in the pieces in which they are worked on. */
export const defineBatchPieces = (k: Kit) =>
  k.table(
    'batch_pieces',
    {
      batchId: k.text('batch_id').notNull(),
      piece: k.int('piece').notNull(),
      rows: k.json('rows').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.batchId, t.piece] })],
  )

/** The rows of batches that failed, and why. A row of a finished piece that is not here succeeded as a whole. */
export const defineBatchFailures = (k: Kit) =>
  k.table(
    'batch_failures',
    {
      batchId: k.text('batch_id').notNull(),
      // Its place among the rows; for an import the line of the file.
      row: k.int('row').notNull(),
      userId: k.text('user_id'),
      email: k.text('email').notNull(),
      // For an import the cells, so that they can be mended.
      cells: k.json('cells'),
      reason: k.json('reason').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.batchId, t.row] })],
  )
