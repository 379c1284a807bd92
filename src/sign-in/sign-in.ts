import { passwordChangedAt, passwordHashOf } from '#db/queries/local-users-sign-in.ts'
import { localUsersByEmailKeys } from '#db/queries/local-users.ts'
import { factorRowsOf } from '#db/queries/second-factors.ts'
import { endSessionTree } from '#db/queries/sign-in-sessions.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { queueMails } from '#src/local-users/mails.ts'
import { hashPassword, isPassword } from '#src/local-users/password.ts'
import { readLocalSettings } from '#src/local-users/settings.ts'
import { type Secret, secret } from '#src/secrets.ts'
import { addressKey } from '#src/local-users/account.ts'
import { browserOf, markBrowser } from '#src/sign-in/known-browser.ts'
import { type Counter, giveTurnBack, hasToWait, limitOf, takeTurn, whence } from '#src/sign-in/lock-out.ts'
import { createPasswordTurns, type PasswordTurns, type Whose } from '#src/local-users/password-turns.ts'
import { endSession, type FactorKind, findSession, startSession } from '#src/sign-in/session.ts'
import { networkOf } from '#src/sign-in/source.ts'

/** What signing in needs. */
export interface SignInDeps extends LocalUserDeps {
  /** Of `web.secret`, newest first. */
  readonly secrets: readonly Secret[]
  /** Shared with whatever else looks at passwords in this process; turns of its own where it is left out. */
  readonly turns?: PasswordTurns | undefined
}

/** Somebody tries to sign in. */
export interface PasswordTry {
  readonly email: string
  readonly password: Secret
  /** Whence the request comes. */
  readonly source: string
  /** The browser's mark, where it has one. */
  readonly mark?: string | undefined
  /** By which the person recognises the browser later. */
  readonly label: string
  /** Of the page session that the browser has: it ends, whoever's it is. */
  readonly before?: string | undefined
}

/**
 * How far somebody is. `second_step`: the token is of a session of the kind `step`, with which nothing opens but the
 * second factor's page; without any factor there, one has to be set up first.
 */
export type SignInResult =
  | { readonly kind: 'signed_in'; readonly token: Secret; readonly mark: string }
  | { readonly kind: 'second_step'; readonly token: Secret }

/** The kind of the session between the password and the second factor. */
export const stepKind = 'step'
const stepMs = 10 * 60_000
const triesUntilNotice = 10

/**
 * Signs people in. An address that nobody has costs the same work and gets the same answers as one that somebody has.
 */
export function createSignIn(deps: SignInDeps) {
  const { store, clock, secrets, turns = createPasswordTurns(deps.onLimit) } = deps
  // Nobody has this password; it is looked at for addresses that nobody has.
  const decoy = hashPassword(secret(newId()))
  return {
    /** Throws `UserError`: `too_many` where it has to wait, `not_understood` where the two do not match. */
    withPassword: (one: PasswordTry) => tryPassword({ ...deps, turns }, decoy, one),

    /** Who is between the password and the second factor; undefined when that is over. */
    halfWay: (token: string) => findSession(deps, token, stepKind),

    /**
     * Ends the second step for a factor that was found right, or was just set up, with a session of the page. Throws
     * `UserError('stale')` when the step is over.
     */
    async complete(
      token: string,
      factor: FactorKind,
      browser: Pick<PasswordTry, 'label' | 'before'>,
    ): Promise<SignInResult & { readonly kind: 'signed_in' }> {
      const half = await findSession(deps, token, stepKind)
      if (half === undefined) throw tookTooLong()
      const factors = [...new Set([...half.factors, factor])]
      const page = await store.write(async (ctx) => {
        // Of two at once one goes on.
        if ((await endSessionTree(ctx, half.sessionId)) === 0) throw tookTooLong()
        await recordSignIn(ctx, clock.now(), half.userId, factors)
        return await startSession(ctx, deps, {
          userId: half.userId,
          kind: 'page',
          factors,
          label: browser.label,
        })
      })
      if (browser.before !== undefined) await endBefore(deps, browser.before)
      return { kind: 'signed_in', token: page.token, mark: markBrowser(secrets, half.email, clock.now()) }
    },
  }
}

/** What signs people in. */
export type SignIn = ReturnType<typeof createSignIn>

async function tryPassword(
  deps: SignInDeps & { readonly turns: PasswordTurns },
  decoy: Promise<string>,
  one: PasswordTry,
): Promise<SignInResult> {
  const { store, clock, secrets } = deps
  const browser = await knownBrowser(deps, one)
  const begun = await deps.turns.take(whoseTry(one, browser), async () => {
    const turn = await store.write((ctx) => begin(ctx, deps, one, browser))
    if (turn.kind === 'wait') return turn
    return { ...turn, isRight: await isPassword(turn.hash ?? (await decoy), one.password) }
  })
  if (begun.kind === 'wait') {
    deps.onLimit?.(limitOf[begun.by])
    throw hasToWait(begun)
  }
  const { user } = begun
  if (!begun.isRight || user?.state !== 'enabled' || user.enrolledAt === null) {
    await store.write((ctx) => refuse(ctx, deps, begun))
    throw doesNotFit()
  }
  const result = await store.write(async (ctx): Promise<SignInResult | undefined> => {
    // Changed or forgotten meanwhile.
    if ((await passwordHashOf(ctx, user.id)) !== begun.hash) return undefined
    await giveTurnBack(ctx, begun.counters)
    const factors = await factorRowsOf(ctx, user.id)
    const { mfaRequired } = await readLocalSettings(ctx)
    const isHalf = factors.length > 0 || mfaRequired
    const { token } = await startSession(ctx, deps, {
      userId: user.id,
      kind: isHalf ? stepKind : 'page',
      factors: ['password'],
      label: one.label,
      ...(isHalf && { lifeMs: stepMs }),
    })
    if (isHalf) return { kind: 'second_step', token }
    await recordSignIn(ctx, clock.now(), user.id, ['password'])
    return { kind: 'signed_in', token, mark: markBrowser(secrets, user.email, clock.now()) }
  })
  if (result === undefined) throw doesNotFit()
  if (one.before !== undefined) await endBefore(deps, one.before)
  return result
}

/**
 * The id of the browser when the person proved who they are there with the password of now. Who once knew an older one may
 * have as many marks as they like.
 */
async function knownBrowser({ store, secrets }: SignInDeps, one: PasswordTry): Promise<string | undefined> {
  const marked = browserOf(secrets, one.mark, one.email)
  if (marked === undefined) return undefined
  const changedAt = await store.read(async (ctx) => {
    const [user] = await localUsersByEmailKeys(ctx, [addressKey(one.email)])
    return user && (await passwordChangedAt(ctx, user.id))
  })
  return changedAt !== undefined && changedAt <= marked.markedAt ? marked.id : undefined
}

// In a browser that the person knows strangers' tries do not hold theirs up.
function whoseTry(one: PasswordTry, browser: string | undefined): Whose {
  return browser === undefined
    ? { kind: 'source', key: networkOf(one.source) }
    : { kind: 'person', key: addressKey(one.email) }
}

/** Counts the try; only one that may be made looks whether there is anybody. */
async function begin(ctx: WriteContext, deps: SignInDeps, one: PasswordTry, browser: string | undefined) {
  const emailKey = addressKey(one.email)
  // In a browser that the person knows neither strangers' tries for the address count, nor those from the same office.
  const counters: readonly Counter[] =
    browser === undefined
      ? [{ by: 'address', what: emailKey }, ...whence(one.source, 'password')]
      : [{ by: 'browser', what: browser }]
  const turn = await takeTurn(ctx, deps.clock.now(), counters)
  if (turn.kind === 'wait') return turn
  // PostgreSQL takes no NUL; what holds one is nobody's address.
  const [user] = emailKey.includes('\0') ? [] : await localUsersByEmailKeys(ctx, [emailKey])
  // Asked for also where there is nobody: the time that it takes tells nothing.
  const hash = await passwordHashOf(ctx, user?.id ?? '')
  return { ...turn, user, hash, counters }
}

async function refuse(
  ctx: WriteContext,
  deps: SignInDeps,
  { user, tries }: Exclude<Awaited<ReturnType<typeof begin>>, { kind: 'wait' }>,
): Promise<void> {
  const now = deps.clock.now()
  const userId = user?.id ?? null
  const actor = user === undefined ? 'unknown' : `local:${user.id}`
  await record(ctx, now, { kind: 'local_sign_in_refused', actor, facts: { userId, tries } })
  if (tries !== triesUntilNotice) return
  await record(ctx, now, { kind: 'local_sign_in_slowed', actor, facts: { userId, tries } })
  if (user?.state === 'enabled' && user.enrolledAt !== null)
    await queueMails(ctx, deps, [{ kind: 'sign_in_slowed', userId: user.id, generation: user.generation }])
}

async function recordSignIn(
  ctx: WriteContext,
  at: Date,
  userId: string,
  factors: readonly FactorKind[],
): Promise<void> {
  await record(ctx, at, {
    kind: 'local_user_signed_in',
    actor: `local:${userId}`,
    facts: { userId, factors },
  })
}

/** A browser has one sign-in: the one before ends with the next. */
async function endBefore(deps: SignInDeps, token: string): Promise<void> {
  const before = await findSession(deps, token, 'page')
  if (before !== undefined) await endSession(deps, before.sessionId)
}

function tookTooLong(): UserError {
  return new UserError('stale', 'This sign-in took too long. Begin again.')
}

function doesNotFit(): UserError {
  return new UserError(
    'not_understood',
    'The address and the password do not match. Try again, or ask for a link.',
  )
}
