import type { Kit } from '#db/kit.ts'

/** Access rules that people made: who may reach which OpenID client or protected host. Those of the configuration are not here. */
export const defineAccessRules = (k: Kit) =>
  k.table(
    'access_rules',
    {
      id: k.text('id').primaryKey(),
      // client | host
      resourceKind: k.text('resource_kind').notNull(),
      resourceId: k.text('resource_id').notNull(),
      // user | group | everybody
      whoKind: k.text('who_kind').notNull(),
      // Of the user or group; empty for everybody, because a unique key holds no gaps.
      whoId: k.text('who_id').notNull(),
      createdAt: k.time('created_at').notNull(),
      createdBy: k.text('created_by').notNull(),
    },
    (t) => [
      k.uniqueIndex('access_rules_once').on(t.resourceKind, t.resourceId, t.whoKind, t.whoId),
      k.index('access_rules_who').on(t.whoKind, t.whoId),
    ],
  )

/**
 * Tickets that carry a sign-in from Drawbridge's own page to a protected host: each counts once, for a minute, on one host
 * and in the browser that asked for it. Only hashes are kept.
 */
export const defineAccessTickets = (k: Kit) =>
  k.table(
    'access_tickets',
    {
      id: k.text('id').primaryKey(),
      host: k.text('host').notNull(),
      // Of the word that the browser which asked keeps in a cookie on the host.
      browserHash: k.text('browser_hash').notNull(),
      userId: k.text('user_id').notNull(),
      // The page session that it came out of.
      sessionId: k.text('session_id').notNull(),
      // Where on the host the person wanted to go: path and query.
      returnTo: k.text('return_to').notNull(),
      expiresAt: k.time('expires_at').notNull(),
    },
    (t) => [k.index('access_tickets_expires').on(t.expiresAt)],
  )
