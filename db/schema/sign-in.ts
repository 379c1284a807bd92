import type { Kit } from '#db/kit.ts'

/**
 * Tries that count: passwords, codes and requests for links, by whom they are about and whence they come. Shared by all
 * replicas. Keys are hashes: what people type into the field of the address may be anything.
 */
export const defineSignInAttempts = (k: Kit) =>
  k.table(
    'sign_in_attempts',
    {
      key: k.text('key').primaryKey(),
      tries: k.int('tries').notNull(),
      lastAt: k.time('last_at').notNull(),
    },
    (t) => [k.index('sign_in_attempts_last').on(t.lastAt)],
  )

/** Hashes of the passwords that people had, so that they are not chosen again. */
export const definePasswordHistory = (k: Kit) =>
  k.table(
    'local_password_history',
    {
      id: k.serial('id').primaryKey(),
      userId: k.text('user_id').notNull(),
      hash: k.text('hash').notNull(),
    },
    (t) => [k.index('local_password_history_user').on(t.userId, t.id)],
  )
