import type { ReadContext, WriteContext } from '#db/store.ts'

/** All settings that somebody set, as key and value. */
export async function localSettings(ctx: ReadContext): Promise<readonly (readonly [string, unknown])[]> {
  const rows = await ctx.q.select().from(ctx.t.localSettings)
  return rows.map(({ key, value }) => [key, value] as const)
}

/** Sets a setting. */
export async function keepLocalSetting(
  ctx: WriteContext,
  row: ReadContext['t']['localSettings']['$inferInsert'],
): Promise<void> {
  const { value, updatedAt, updatedBy } = row
  await ctx.q
    .insert(ctx.t.localSettings)
    .values(row)
    .onConflictDoUpdate({ target: ctx.t.localSettings.key, set: { value, updatedAt, updatedBy } })
}
