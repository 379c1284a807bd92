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
