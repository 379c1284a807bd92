import { and, asc, count, eq, gt, lte, min } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

export type MailRow = ReadContext['t']['mails']['$inferSelect']
export type NewMailRow = ReadContext['t']['mails']['$inferInsert']

/** Adds mails that are to be sent. */
export async function insertMails(ctx: WriteContext, rows: readonly NewMailRow[]): Promise<void> {
  if (rows.length > 0) await ctx.q.insert(ctx.t.mails).values([...rows])
}

/** Mails that are due, oldest first, with an id above `after`. */
export async function dueMails(
  ctx: ReadContext,
  page: { readonly now: Date; readonly after: number; readonly limit: number },
): Promise<MailRow[]> {
  const { mails } = ctx.t
  return await ctx.q
    .select()
    .from(mails)
    .where(and(lte(mails.notBefore, page.now), gt(mails.id, page.after)))
    .orderBy(asc(mails.id))
    .limit(page.limit)
}

/** When the next mail is due; undefined when none waits. */
export async function nextMailAt(ctx: ReadContext): Promise<Date | undefined> {
  const rows = await ctx.q.select({ at: min(ctx.t.mails.notBefore) }).from(ctx.t.mails)
  return rows[0]?.at ?? undefined
}

/** How many mails wait, and since when the oldest of them does. */
export async function mailBacklog(
  ctx: ReadContext,
): Promise<{ readonly waiting: number; readonly oldestAt: Date | undefined }> {
  const { mails } = ctx.t
  const rows = await ctx.q.select({ waiting: count(), at: min(mails.createdAt) }).from(mails)
  return { waiting: rows[0]?.waiting ?? 0, oldestAt: rows[0]?.at ?? undefined }
}

/** Forgets a mail that was sent or that nobody is to be sent any more. */
export async function deleteMail(ctx: WriteContext, id: number): Promise<void> {
  await ctx.q.delete(ctx.t.mails).where(eq(ctx.t.mails.id, id))
}

/** Takes a mail for one try, until then; false when somebody else did or it is gone. */
export async function claimMail(
  ctx: WriteContext,
  mail: { readonly id: number; readonly attempt: number },
  until: Date,
): Promise<boolean> {
  const { mails } = ctx.t
  const rows = await ctx.q
    .update(mails)
    .set({ notBefore: until, attempt: mail.attempt + 1 })
    .where(and(eq(mails.id, mail.id), eq(mails.attempt, mail.attempt)))
    .returning({ id: mails.id })
  return rows.length === 1
}

/** Keeps a mail for a later try. */
export async function postponeMail(ctx: WriteContext, id: number, until: Date): Promise<void> {
  await ctx.q.update(ctx.t.mails).set({ notBefore: until }).where(eq(ctx.t.mails.id, id))
}
