import { asc, eq, inArray } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type OidcKeyRow = ReadContext['t']['oidcKeys']['$inferSelect']

/** The signing keys, oldest first. */
export async function oidcKeys(ctx: ReadContext): Promise<readonly OidcKeyRow[]> {
  const { oidcKeys: table } = ctx.t
  return await ctx.q.select().from(table).orderBy(asc(table.signsFrom), asc(table.id))
}

/** Keeps a key. */
export async function insertOidcKey(ctx: WriteContext, row: OidcKeyRow): Promise<void> {
  await ctx.q.insert(ctx.t.oidcKeys).values(row)
}

/** Keeps a key's private part under another seal. */
export async function resealOidcKey(ctx: WriteContext, id: string, sealed: string): Promise<void> {
  await ctx.q.update(ctx.t.oidcKeys).set({ sealed }).where(eq(ctx.t.oidcKeys.id, id))
}

/** Forgets keys. */
export async function deleteOidcKeys(ctx: WriteContext, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await ctx.q.delete(ctx.t.oidcKeys).where(inArray(ctx.t.oidcKeys.id, [...ids]))
}
