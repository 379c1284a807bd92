import { insertMails } from '#db/queries/mails.ts'
import type { WriteContext } from '#db/store.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { enqueue } from '#src/jobs/enqueue.ts'

/** The kind of the job that sends the mails that are due. */
export const sendMailsKind = 'send_mails'

/** For how long an enrollment link is good. */
export const linkMs = 24 * 60 * 60 * 1000

/** For how long a link is good that somebody asked for on the sign-in page. */
export const askedLinkMs = 60 * 60 * 1000

/** Mails with a link that is a secret, and mails that only tell the person something. */
export const linkMails = ['enrollment', 'new_password', 'asked_link'] as const
export const notices = [
  'password_changed',
  'factors_changed',
  'factors_reset',
  'recovery_codes',
  'sign_in_slowed',
] as const
export type MailKind = (typeof linkMails)[number] | (typeof notices)[number]

/** What a mail is about: the link of this generation, where it has one. */
export interface MailWanted {
  readonly kind: MailKind
  readonly userId: string
  readonly generation: number
}

/** Asks for mails in the same transaction as what causes them; a job makes their links and sends them. */
export async function queueMails(
  ctx: WriteContext,
  { clock }: Pick<LocalUserDeps, 'clock'>,
  wanted: readonly MailWanted[],
): Promise<void> {
  if (wanted.length === 0) return
  const now = clock.now()
  await insertMails(
    ctx,
    wanted.map((mail) => ({ ...mail, notBefore: now, createdAt: now })),
  )
  await enqueue(ctx, clock, { kind: sendMailsKind, payload: {}, dedupeKey: sendMailsKind })
}
