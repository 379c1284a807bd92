import type { Kit } from '#db/kit.ts'

/** How each IAM system was when it was looked at last, for whoever wants to know without waiting. */
export const defineSystemHealth = (k: Kit) =>
  k.table('system_health', {
    systemId: k.text('system_id').primaryKey(),
    // well | missing | refused | away
    state: k.text('state').notNull(),
    // Since when it is in this state, as far as anybody looked.
    sinceAt: k.time('since_at').notNull(),
    lookedAt: k.time('looked_at').notNull(),
  })
