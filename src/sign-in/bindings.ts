import { createHash } from 'node:crypto'
import { z } from 'zod'
import { localUsersByIds } from '#db/queries/local-users.ts'
import { takeSlot } from '#db/queries/pauses.ts'
import { factorRowsOf, findChallenge, insertChallenge, takeChallenge } from '#db/queries/second-factors.ts'
import { bindingOfSlack, bindingOfUser, deleteBindings, insertBinding } from '#db/queries/slack-bindings.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { readEmail } from '#src/local-users/account.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import type { Actor } from '#src/people/actor.ts'
import { assertFresh, assertStillIn, type FactorDeps } from '#src/sign-in/factor-deps.ts'
import type { SignedIn } from '#src/sign-in/session.ts'

/** What binding Slack people to local users needs. */
export interface BindingDeps extends FactorDeps {
  /** Slack users and user groups that hold the role owner: they are asked. */
  readonly owners: readonly string[]
}

const kind = 'binding'
const linkMs = 30 * 60_000
const linkEveryMs = 60_000
const Asked = z.object({ slackUserId: z.string(), email: z.string(), name: z.string() })

/** A Slack person as the link in their direct message names them. */
export type SlackName = z.infer<typeof Asked>

/**
 * Sends a Slack person a link by which they show which local user they are; one a minute at most. It is good for half an
 * hour, once. Throws `UserError('missing')` when their Slack profile has no address.
 */
export async function sendBindingLink(
  deps: FactorDeps,
  actor: Pick<Actor, 'userId' | 'email' | 'name'>,
): Promise<void> {
  const { userId: slackUserId, email, name } = actor
  if (email === undefined)
    throw new UserError(
      'missing',
      'Your Slack profile has no e-mail address, so I cannot tell who you are. Ask an administrator of Slack to add it, then try again.',
    )
  const now = deps.clock.now()
  const token = newId()
  await deps.store.write(async (ctx) => {
    if (!(await takeSlot(ctx, `binding:${slackUserId}`, now, linkEveryMs))) return
    const value = JSON.stringify({ slackUserId, email, name })
    const expiresAt = new Date(now.getTime() + linkMs)
    await insertChallenge(ctx, { id: idOf(token), kind, userId: null, value, expiresAt })
    const link = `<${deps.web.publicUrl}/link-slack/${token}|Sign in to link your accounts>`
    await tell(ctx, deps, slackUserId, `${link}. The link is good for half an hour.`)
  })
}

function idOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** Has something said to one person in Slack, in the same transaction as what it is about. */
export async function tell(ctx: WriteContext, deps: FactorDeps, userId: string, text: string): Promise<void> {
  await enqueueLine(ctx, deps.clock, {
    stream: `binding:${newId()}`,
    lane: 'direct',
    message: { v: 1, kind: 'answer', responseUrl: null, endsAt: null, userId, text },
  })
}

/** Whom the link would bind the person to. A refusal is kept in the audit trail. Throws `UserError`: as `askBinding`. */
export async function openBinding(deps: FactorDeps, signedIn: SignedIn, token: string): Promise<SlackName> {
  const now = deps.clock.now()
  const opened = deps.store.read(async (ctx) =>
    check(ctx, deps, signedIn, await findChallenge(ctx, { id: idOf(token), kind, now })),
  )
  return await keepRefusal(deps, signedIn, token, opened)
}

/**
 * Asks the owners to confirm that the Slack person of the link is the local user who is signed in. Throws `UserError`:
 * `stale` for a link that ended or was used, `sign_in_again`, `not_allowed` when the two have different addresses,
 * `nothing_to_do` without an authenticator app, `already_there` when one of them is bound.
 */
export async function askBinding(deps: BindingDeps, signedIn: SignedIn, token: string): Promise<void> {
  const { userId } = signedIn
  const now = deps.clock.now()
  const asked = deps.store.write(async (ctx) => {
    await assertStillIn(ctx, deps, signedIn)
    const name = await check(ctx, deps, signedIn, await takeChallenge(ctx, { id: idOf(token), kind, now }))
    const { slackUserId } = name
    // What was asked before, and nobody answered, gives way.
    await deleteBindings(ctx, { userIds: [userId] })
    await deleteBindings(ctx, { slackUserId })
    const requestId = newId()
    await insertBinding(ctx, { slackUserId, userId, state: 'asked', requestId, createdAt: now })
    await record(ctx, now, {
      kind: 'binding_asked',
      actor: `local:${userId}`,
      facts: { userId, slackUserId },
    })
    for (const owner of deps.owners)
      await enqueueLine(ctx, deps.clock, {
        stream: `binding_asked:${requestId}:${owner}`,
        lane: 'direct',
        message: {
          v: 1,
          kind: 'binding_asked',
          userId: owner,
          requestId,
          slackUserId,
          email: signedIn.email,
        },
      })
  })
  await keepRefusal(deps, signedIn, token, asked)
}

/** Lets it through, and keeps where the link was another person's. Its own transaction: that of a refusal is undone. */
async function keepRefusal<T>(
  deps: FactorDeps,
  { userId }: SignedIn,
  token: string,
  work: Promise<T>,
): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof UserError && error.code === 'not_allowed') {
      const now = deps.clock.now()
      await deps.store.write(async (ctx) => {
        const challenge = await findChallenge(ctx, { id: idOf(token), kind, now })
        if (challenge === undefined) return
        const { slackUserId } = Asked.parse(JSON.parse(challenge.value))
        const facts = { userId, slackUserId }
        await record(ctx, now, { kind: 'binding_refused', actor: `local:${userId}`, facts })
      })
    }
    throw error
  }
}

async function check(
  ctx: ReadContext,
  deps: FactorDeps,
  signedIn: SignedIn,
  challenge: { readonly value: string } | undefined,
): Promise<SlackName> {
  const { userId } = signedIn
  if (challenge === undefined)
    throw new UserError(
      'stale',
      'This link has ended or was used already. Press Approve in Slack for a new one.',
    )
  const name = Asked.parse(JSON.parse(challenge.value))
  const factors = await factorRowsOf(ctx, userId)
  assertFresh(deps, signedIn, factors.length > 0)
  if (!(await haveSameAddress(ctx, userId, name.email))) {
    const sentence = `Your Slack profile has the address ${name.email}, and this account another one, so the two cannot be linked. Sign in with the account that has the same address, or ask your administrator.`
    throw new UserError('not_allowed', sentence)
  }
  if (!factors.some((row) => row.kind === 'totp'))
    throw new UserError(
      'nothing_to_do',
      'Set up an authenticator app first: its codes are what Slack asks for.',
    )
  const all = [await bindingOfSlack(ctx, name.slackUserId), await bindingOfUser(ctx, userId)]
  if (all.some((row) => row?.state === 'confirmed'))
    throw new UserError('already_there', 'You are linked already. An owner of Drawbridge can undo that.')
  return name
}

/** Whether this is the address that the local user has verified. */
export async function haveSameAddress(ctx: ReadContext, userId: string, slackEmail: string | undefined) {
  const [user] = await localUsersByIds(ctx, [userId])
  const email = readEmail(slackEmail ?? '')
  const isVerified = user?.state === 'enabled' && user.enrolledAt !== null
  return isVerified && typeof email !== 'string' && email.key === user.emailKey
}
