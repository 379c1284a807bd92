import { and, eq, like } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

/** The value kept under the name, wrapped so that a kept `null` differs from nothing kept. The caller knows its shape. */
export async function readKept(
  ctx: ReadContext,
  scope: string,
  name: string,
): Promise<{ readonly value: unknown } | undefined> {
  const { journal } = ctx.t
  const rows = await ctx.q
    .select({ value: journal.value })
    .from(journal)
    .where(and(eq(journal.scope, scope), eq(journal.name, name)))
  const kept = rows[0]
  return kept === undefined ? undefined : { value: JSON.parse(kept.value) }
}

/** Keeps the value unless one is there already, and returns the one that is there now. */
export async function keepOnce(
  ctx: WriteContext,
  scope: string,
  name: string,
  value: unknown,
  now: Date,
): Promise<unknown> {
  const stored = JSON.stringify(value ?? null)
  const kept = await ctx.q
    .insert(ctx.t.journal)
    .values({ scope, name, value: stored, createdAt: now })
    .onConflictDoNothing()
    .returning({ name: ctx.t.journal.name })
  // As whoever asks later will read it.
  if (kept.length > 0) return JSON.parse(stored)
  return (await readKept(ctx, scope, name))?.value
}

/** Forgets what is kept under the name. */
export async function forgetOne(ctx: WriteContext, scope: string, name: string): Promise<void> {
  const { journal } = ctx.t
  await ctx.q.delete(journal).where(and(eq(journal.scope, scope), eq(journal.name, name)))
}

/** Whether anything is kept under a name that begins like this. */
export async function hasKept(ctx: ReadContext, scope: string, prefix: string): Promise<boolean> {
  const { journal } = ctx.t
  const rows = await ctx.q
    .select({ name: journal.name })
    .from(journal)
    .where(and(eq(journal.scope, scope), like(journal.name, `${prefix}%`)))
    .limit(1)
  return rows.length > 0
}

/** Forgets everything kept in the scope, or what is kept there under names that begin like this. */
export async function forgetKept(ctx: WriteContext, scope: string, prefix = ''): Promise<void> {
  const { journal } = ctx.t
  await ctx.q.delete(journal).where(and(eq(journal.scope, scope), like(journal.name, `${prefix}%`)))
}
