import { createHash } from 'node:crypto'
import { z } from 'zod'
import { insertSession, type LocalSessionRow, sessionsOf } from '#db/queries/local-users-sign-in.ts'
import { localUsersByIds } from '#db/queries/local-users.ts'
import { endSessionTree, type SessionFound, sessionWithUser } from '#db/queries/sign-in-sessions.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { type Secret, secret } from '#src/secrets.ts'

/** With what people prove who they are. */
export const factorKinds = ['password', 'totp', 'passkey', 'recovery_code'] as const
export type FactorKind = (typeof factorKinds)[number]

/** Somebody who is signed in, as of this moment. */
export interface SignedIn {
  readonly sessionId: string
  readonly userId: string
  readonly email: string
  /** Names of the person's groups, sorted; **All local users** is not among them. */
  readonly groups: readonly string[]
  readonly signedInAt: Date
  readonly factors: readonly FactorKind[]
}

/** What a session is begun with. */
export interface NewSession {
  readonly userId: string
  /** Where it counts: `page` on Drawbridge's own pages, `forward` behind a reverse proxy, … */
  readonly kind: string
  readonly factors: readonly FactorKind[]
  /** The session out of which it comes: it ends with that one, and never later. */
  readonly parentId?: string | undefined
  /** What the person recognises it by; cut at 100 characters. */
  readonly label?: string | undefined
  /** For how long; 12 hours unless said otherwise. */
  readonly lifeMs?: number | undefined
  /** When the person showed the factors; now unless said otherwise. The session's life begins there. */
  readonly signedInAt?: Date | undefined
}

const usualLifeMs = 12 * 60 * 60 * 1000

/**
 * Begins a session, in the transaction of what it is begun for. The token is for the cookie and is kept nowhere; the id
 * is its hash. Throws `UserError('stale')` when the account is not enabled or the parent is over.
 */
export async function startSession(
  ctx: WriteContext,
  { clock }: Pick<LocalUserDeps, 'clock'>,
  wanted: NewSession,
): Promise<{ readonly token: Secret; readonly sessionId: string }> {
  const now = clock.now()
  const [user] = await localUsersByIds(ctx, [wanted.userId])
  const parent = wanted.parentId === undefined ? undefined : await sessionWithUser(ctx, wanted.parentId)
  const isOrphan =
    wanted.parentId !== undefined &&
    (parent === undefined || parent.user.id !== wanted.userId || !isLive(parent, now))
  if (user?.state !== 'enabled' || isOrphan)
    throw new UserError('stale', 'This sign-in has ended. Sign in again.')
  const token = newId()
  const sessionId = idOf(token)
  const { signedInAt = now } = wanted
  const endsAt = signedInAt.getTime() + (wanted.lifeMs ?? usualLifeMs)
  await insertSession(ctx, {
    id: sessionId,
    userId: wanted.userId,
    kind: wanted.kind,
    factors: wanted.factors,
    parentId: wanted.parentId ?? null,
    label: (wanted.label ?? '').slice(0, 100),
    createdAt: signedInAt,
    expiresAt: new Date(Math.min(endsAt, parent?.session.expiresAt.getTime() ?? endsAt)),
  })
  return { token: secret(token), sessionId }
}

/**
 * Who is signed in with this token, read anew each time: undefined when it is none of ours or of another kind, when the
 * session is over, and when the account is not enabled.
 */
export async function findSession(
  { store, clock }: LocalUserDeps,
  token: string,
  kind: string,
): Promise<SignedIn | undefined> {
  if (!/^[\w-]{22}$/.test(token)) return undefined
  const found = await store.read((ctx) => sessionWithUser(ctx, idOf(token)))
  return found?.session.kind === kind && isLive(found, clock.now()) ? signedInFrom(found) : undefined
}

/** The same, for who knows the session's id rather than its token, e.g. of a parent. */
export async function findSessionById(
  { store, clock }: LocalUserDeps,
  sessionId: string,
): Promise<SignedIn | undefined> {
  const found = await store.read((ctx) => sessionWithUser(ctx, sessionId))
  return found !== undefined && isLive(found, clock.now()) ? signedInFrom(found) : undefined
}

/** Ends a session and everything that came out of it. One that is over already stays so. */
export async function endSession({ store, clock }: LocalUserDeps, sessionId: string): Promise<void> {
  await store.write(async (ctx) => {
    const found = await sessionWithUser(ctx, sessionId)
    if (found !== undefined) await end(ctx, found.session, clock.now())
  })
}

/** A session as its person sees it. */
export interface OwnSession {
  readonly id: string
  readonly kind: string
  readonly label: string
  readonly signedInAt: Date
  readonly endsAt: Date
}

/** The open sessions of a person, newest first. */
export async function ownSessions(
  { store, clock }: LocalUserDeps,
  userId: string,
): Promise<readonly OwnSession[]> {
  const now = clock.now()
  const rows = await store.read((ctx) => sessionsOf(ctx, [userId]))
  return rows
    .filter((row) => row.expiresAt > now)
    .toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
    .map(({ id, kind, label, createdAt, expiresAt }) => ({
      id,
      kind,
      label,
      signedInAt: createdAt,
      endsAt: expiresAt,
    }))
}

/** Ends one of a person's own sessions, or all but the one named; somebody else's stays as it is. */
export async function endOwnSessions(
  { store, clock }: LocalUserDeps,
  { userId, sessionId }: Pick<SignedIn, 'userId' | 'sessionId'>,
  which: { readonly kind: 'one'; readonly id: string } | { readonly kind: 'others' },
): Promise<void> {
  await store.write(async (ctx) => {
    const rows = await sessionsOf(ctx, [userId])
    const ended = rows.filter((row) =>
      which.kind === 'one' ? row.id === which.id : row.id !== sessionId && row.parentId !== sessionId,
    )
    for (const row of ended) await end(ctx, row, clock.now())
  })
}

async function end(ctx: WriteContext, session: LocalSessionRow, now: Date): Promise<void> {
  const ended = await endSessionTree(ctx, session.id)
  if (ended === 0) return
  const { userId, kind } = session
  await record(ctx, now, {
    kind: 'local_user_signed_out',
    actor: `local:${userId}`,
    facts: { userId, kind, ended },
  })
}

/** The id of the session whose token this is. */
function idOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

function isLive({ session, user }: SessionFound, now: Date): boolean {
  return user.state === 'enabled' && session.expiresAt > now
}

const Factors = z.array(z.enum(factorKinds))

function signedInFrom({ session, user, groups }: SessionFound): SignedIn {
  return {
    sessionId: session.id,
    userId: user.id,
    email: user.email,
    groups: groups.toSorted(),
    signedInAt: session.createdAt,
    factors: Factors.parse(session.factors),
  }
}
