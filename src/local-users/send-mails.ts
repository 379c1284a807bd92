import { z } from 'zod'
import { keepLink, keepMailProblem, localUsersByIds } from '#db/queries/local-users.ts'
import { claimMail, deleteMail, dueMails, type MailRow, nextMailAt, postponeMail } from '#db/queries/mails.ts'
import type { WriteContext } from '#db/store.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import { type BackgroundDeps, giveWayMs } from '#src/local-users/deps.ts'
import { linkToken } from '#src/local-users/enrollment.ts'
import {
  askedLinkMs,
  linkMails,
  linkMs,
  type MailKind,
  notices,
  sendMailsKind,
} from '#src/local-users/mails.ts'
import { secret, type Secret } from '#src/secrets.ts'

/** A mail to one person, in facts; how it reads is the mailer's business. */
export interface OutgoingMail {
  readonly kind: MailKind
  readonly to: string
  /** Where the person sets a password, which is a secret; in a notice, where to go for what it says. */
  readonly link: Secret
  readonly hoursGood: number
  /** The same for each try: whoever gets it twice can tell. Without angle brackets and domain. */
  readonly messageId: string
}

/**
 * How one try ended. `refused`: this address will not do. `later`: not now, for this address. `away`: the mail server
 * could not be asked at all. `why` is the server's own word.
 */
export type MailOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused' | 'later' | 'away'; readonly why: string }

/** How mails go out. */
export interface Mailing {
  /** Without a slash at the end. */
  readonly publicUrl: string
  readonly webSecret: Secret
  send(mail: OutgoingMail, signal: AbortSignal): Promise<MailOutcome>
}

/** What sending needs. Without a mail server nothing is sent, and it waits. */
export interface SendMailsDeps extends BackgroundDeps {
  readonly mailing?: Mailing | undefined
}

const atATime = 5
// Each statement asks itself whether it still holds: nothing here needs to keep a batch from being written meanwhile.
const apart = { isolation: 'read committed' } as const
// Longer than one try may take.
const claimMs = 2 * 60_000
const awayMs = 30_000
const unconfiguredMs = 60 * 60_000

/**
 * Sends the mails that are due, a few at a time. The hash of a link is kept before the link goes out. Each mail is sent
 * once, but where the process is lost between the server's answer and the commit: the same mail comes again then.
 */
export function sendMailsJob(deps: SendMailsDeps): JobKind<Record<string, never>> {
  const { store, clock } = deps
  const inMs = (ms: number) => new Date(clock.now().getTime() + ms)
  return {
    kind: sendMailsKind,
    payload: z.object({}).strict(),
    maxAttempts: 1_000,
    async run(_payload, { signal }) {
      const { mailing } = deps
      if (mailing === undefined) return { kind: 'snooze', until: inMs(unconfiguredMs) }
      for (let after = 0; ;) {
        signal.throwIfAborted()
        await deps.peopleFirst?.(giveWayMs)
        const page = { now: clock.now(), after, limit: atATime }
        const due = await store.read((ctx) => dueMails(ctx, page))
        const last = due.at(-1)
        if (last === undefined) break
        const ready = await store.write((ctx) => prepareAll(ctx, deps, mailing, due), apart)
        const outcomes = await Promise.all(ready.map((one) => sendOne(deps, mailing, one, signal)))
        if (outcomes.includes('away')) return { kind: 'snooze', until: inMs(awayMs) }
        after = last.id
      }
      const next = await store.read(nextMailAt)
      if (next === undefined) return { kind: 'completed', settle: (ctx) => continueIfAsked(ctx, deps) }
      return { kind: 'snooze', until: next }
    },
    givenUp: (ctx) => continueIfAsked(ctx, deps),
  }
}

/** Somebody may have asked for a mail since this job looked. */
async function continueIfAsked(ctx: WriteContext, deps: SendMailsDeps): Promise<void> {
  const runAt = await nextMailAt(ctx)
  if (runAt === undefined) return
  await enqueue(ctx, deps.clock, { kind: sendMailsKind, payload: {}, dedupeKey: sendMailsKind, runAt })
}

/** A mail that is taken for one try. */
interface Ready {
  readonly mail: MailRow
  readonly to: string
  readonly link: Secret
  readonly hoursGood: number
}

async function prepareAll(
  ctx: WriteContext,
  deps: SendMailsDeps,
  mailing: Mailing,
  due: readonly MailRow[],
): Promise<readonly Ready[]> {
  const ready: Ready[] = []
  for (const mail of due) {
    const link = linkToken(mailing.webSecret, mail)
    const wanted = await prepare(ctx, deps, mail, link.hash)
    if (wanted !== undefined) ready.push({ mail, link, ...wanted })
  }
  return ready
}

async function sendOne(
  deps: SendMailsDeps,
  mailing: Mailing,
  { mail, to, link, hoursGood }: Ready,
  signal: AbortSignal,
): Promise<MailOutcome['kind']> {
  const kind = kindOf(mail)
  const isNotice = isOneOf(notices, kind)
  const url = `${mailing.publicUrl}${isNotice ? pathOf(kind) : `/enroll/${link.reveal()}`}`
  const outcome = await mailing.send(
    {
      kind,
      to,
      link: secret(url),
      hoursGood,
      // A link that is asked for again is sent again; a try that comes twice has the same id.
      messageId: `${kind}.${mail.userId}.${isNotice || kind === 'asked_link' ? `n${mail.id}` : mail.generation}`,
    },
    signal,
  )
  await deps.store.write((ctx) => settle(ctx, deps, mail, outcome), apart)
  return outcome.kind
}

function pathOf(notice: MailKind): string {
  return notice === 'factors_reset' ? '/sign-in' : '/forgot'
}

function isOneOf<T extends string>(all: readonly T[], text: string): text is T {
  return all.some((one) => one === text)
}

function kindOf({ kind }: MailRow): MailKind {
  return isOneOf(linkMails, kind) || isOneOf(notices, kind) ? kind : 'enrollment'
}

function lifeMsOf({ kind }: MailRow): number {
  return kind === 'asked_link' ? askedLinkMs : linkMs
}

/** Takes the mail for this try and keeps its link's hash; to whom it goes, or undefined when it is no longer wanted. */
async function prepare(
  ctx: WriteContext,
  { clock }: SendMailsDeps,
  mail: MailRow,
  linkHash: string,
): Promise<Pick<Ready, 'to' | 'hoursGood'> | undefined> {
  const now = clock.now().getTime()
  if (!(await claimMail(ctx, mail, new Date(now + claimMs)))) return undefined
  const link = { ...mail, isForEnrolled: mail.kind === 'asked_link' }
  const [user] = await localUsersByIds(ctx, [mail.userId])
  // The same link may have been good for longer already: nobody shortens it by asking for it.
  const before = user?.generation === mail.generation ? (user.linkExpiresAt?.getTime() ?? 0) : 0
  const goodUntil = Math.max(before, now + lifeMsOf(mail))
  const isWanted =
    isOneOf(notices, mail.kind) ||
    (await keepLink(ctx, link, { linkHash, linkExpiresAt: new Date(goodUntil) }))
  if (isWanted && user !== undefined)
    return { to: user.email, hoursGood: Math.floor((goodUntil - now) / 3_600_000) }
  await deleteMail(ctx, mail.id)
  return undefined
}

async function settle(
  ctx: WriteContext,
  { clock }: SendMailsDeps,
  mail: MailRow,
  outcome: MailOutcome,
): Promise<void> {
  switch (outcome.kind) {
    case 'sent':
      await deleteMail(ctx, mail.id)
      return await keepMailProblem(ctx, mail.userId, null)
    case 'refused':
      await deleteMail(ctx, mail.id)
      return await keepMailProblem(ctx, mail.userId, outcome.why)
    case 'later':
      await keepMailProblem(ctx, mail.userId, outcome.why)
      return await postponeMail(ctx, mail.id, new Date(clock.now().getTime() + pauseMs(mail.attempt)))
    case 'away':
      return await postponeMail(ctx, mail.id, new Date(clock.now().getTime() + awayMs))
  }
}

/** A minute, doubling up to an hour. Servers that ask to come back often want some minutes. */
function pauseMs(attempt: number): number {
  return Math.min(60, 2 ** attempt) * 60_000
}
