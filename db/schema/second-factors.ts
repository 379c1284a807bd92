import type { Kit } from '#db/kit.ts'

/** Authenticator apps and passkeys of local users. */
export const defineLocalFactors = (k: Kit) =>
  k.table(
    'local_factors',
    {
      id: k.text('id').primaryKey(),
      userId: k.text('user_id').notNull(),
      // totp | passkey
      kind: k.text('kind').notNull(),
      name: k.text('name').notNull(),
      // Of an authenticator app: its secret, sealed, and the last time step of which a code was used.
      sealed: k.text('sealed'),
      usedStep: k.int('used_step'),
      // Of a passkey: as WebAuthn names them.
      credentialId: k.text('credential_id'),
      publicKey: k.bytes('public_key'),
      counter: k.int('counter'),
      transports: k.json('transports'),
      createdAt: k.time('created_at').notNull(),
      usedAt: k.time('used_at'),
    },
    (t) => [
      k.index('local_factors_user').on(t.userId),
      k.uniqueIndex('local_factors_credential').on(t.credentialId),
    ],
  )

/** Recovery codes that are still good, as hashes; one that was used is gone. */
export const defineLocalRecoveryCodes = (k: Kit) =>
  k.table(
    'local_recovery_codes',
    {
      userId: k.text('user_id').notNull(),
      hash: k.text('hash').notNull(),
      createdAt: k.time('created_at').notNull(),
    },
    (t) => [k.primaryKey({ columns: [t.userId, t.hash] })],
  )

/** What a page asked and waits to be answered, once: a set-up of an app, the challenge to a passkey, a link to bind. */
export const defineLocalChallenges = (k: Kit) =>
  k.table(
    'local_challenges',
    {
      id: k.text('id').primaryKey(),
      // totp_set_up | passkey_add | passkey_use | binding
      kind: k.text('kind').notNull(),
      // Null where nobody knows yet who answers.
      userId: k.text('user_id'),
      value: k.text('value').notNull(),
      expiresAt: k.time('expires_at').notNull(),
    },
    (t) => [
      k.index('local_challenges_user').on(t.userId),
      k.index('local_challenges_expires').on(t.expiresAt),
    ],
  )

/** Wrong codes in a row, per person; kept in the database, so that replicas count together. */
export const defineLocalFactorTries = (k: Kit) =>
  k.table(
    'local_factor_tries',
    {
      userId: k.text('user_id').notNull(),
      // totp | recovery_code
      kind: k.text('kind').notNull(),
      wrong: k.int('wrong').notNull(),
      // Until when no code is looked at.
      waitUntil: k.time('wait_until'),
    },
    (t) => [k.primaryKey({ columns: [t.userId, t.kind] })],
  )

/** Which Slack person is which local user, so that they can show a one-time code when they decide. */
export const defineSlackBindings = (k: Kit) =>
  k.table(
    'slack_bindings',
    {
      slackUserId: k.text('slack_user_id').primaryKey(),
      userId: k.text('user_id').notNull(),
      // asked | confirmed
      state: k.text('state').notNull(),
      // Which of several requests an owner's button is about.
      requestId: k.text('request_id').notNull(),
      createdAt: k.time('created_at').notNull(),
      confirmedAt: k.time('confirmed_at'),
      confirmedBy: k.text('confirmed_by'),
    },
    (t) => [k.uniqueIndex('slack_bindings_user').on(t.userId)],
  )
