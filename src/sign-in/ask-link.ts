import { z } from 'zod'
import { localUsersByEmailKeys, type LocalUserRow, updateLocalUsers } from '#db/queries/local-users.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { JobKind } from '#src/jobs/job.ts'
import { readEmail } from '#src/local-users/account.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { askedLinkMs, queueMails } from '#src/local-users/mails.ts'
import { hasToWait, limitOf, takeTurn, whence } from '#src/sign-in/lock-out.ts'

/** The kind of the job that sends somebody the link that was asked for. */
export const sendLinkKind = 'send_asked_link'

// A link that is good for at least so long is sent again instead of a new one: nobody kills links by asking.
const stillGoodMs = askedLinkMs / 2

/**
 * Asks for a link by mail, for whoever forgot the password or whose link has ended. What happens here is the same whether
 * anybody has the address or not; a job looks. Throws `UserError('too_many')` for a source that asks too often; for an
 * address that is asked for too often nothing is sent, and nothing is said.
 */
export async function askForLink(
  deps: LocalUserDeps,
  asked: { readonly email: string; readonly source: string },
): Promise<void> {
  const email = readEmail(asked.email)
  const emailKey = typeof email === 'string' ? '' : email.key
  const { source, address } = await deps.store.write(async (ctx) => {
    const now = deps.clock.now()
    const first = await takeTurn(ctx, now, whence(asked.source, 'link'))
    if (first.kind === 'wait') return { source: first }
    const second = await takeTurn(ctx, now, [{ by: 'link', what: emailKey }])
    if (second.kind === 'go') await enqueue(ctx, deps.clock, { kind: sendLinkKind, payload: { emailKey } })
    return { source: first, address: second }
  })
  if (source.kind === 'wait') {
    deps.onLimit?.(limitOf[source.by])
    throw hasToWait(source)
  }
  // What is no address fills no mailbox.
  if (address?.kind === 'wait' && emailKey !== '') deps.onLimit?.(limitOf[address.by])
}

const Payload = z.object({ emailKey: z.string() }).strict()

/** Sends the link to who has the address and may sign in; for nobody else anything happens. */
export function sendAskedLinkJob(deps: LocalUserDeps): JobKind<z.output<typeof Payload>> {
  return {
    kind: sendLinkKind,
    payload: Payload,
    maxAttempts: 10,
    run: async ({ emailKey }) => ({ kind: 'completed', settle: (ctx) => sendLink(ctx, deps, emailKey) }),
    givenUp: async () => {},
  }
}

async function sendLink(ctx: WriteContext, deps: LocalUserDeps, emailKey: string): Promise<void> {
  const [user] = await localUsersByEmailKeys(ctx, [emailKey])
  if (user?.state !== 'enabled') return
  const now = deps.clock.now()
  const { id: userId } = user
  const isOld = !isGood(user, now)
  const fields = { linkHash: null, linkExpiresAt: new Date(now.getTime() + askedLinkMs), updatedAt: now }
  if (isOld) await updateLocalUsers(ctx, [userId], fields, true)
  const generation = user.generation + (isOld ? 1 : 0)
  await queueMails(ctx, deps, [{ kind: 'asked_link', userId, generation }])
  await record(ctx, now, { kind: 'local_user_link_asked', actor: 'system', facts: { userId } })
}

function isGood({ linkExpiresAt }: LocalUserRow, now: Date): boolean {
  return linkExpiresAt !== null && linkExpiresAt.getTime() - now.getTime() >= stillGoodMs
}
