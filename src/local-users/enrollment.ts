import { createHash, createHmac } from 'node:crypto'
import { endSessions } from '#db/queries/local-users-sign-in.ts'
import {
  type LocalUserRow,
  localUsersByIds,
  updateLocalUser,
  updateLocalUsers,
} from '#db/queries/local-users.ts'
import { factorRowsOf } from '#db/queries/second-factors.ts'
import { lastPasswords } from '#db/queries/sign-in.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { queueMails } from '#src/local-users/mails.ts'
import { hashNewPassword, type PasswordDeps, setPassword } from '#src/local-users/password-history.ts'
import { readLocalSettings } from '#src/local-users/settings.ts'
import { deriveKey, sameSecret, type Secret } from '#src/secrets.ts'

/** Which link of which person. Each generation has one. */
export interface LinkOf {
  readonly userId: string
  readonly generation: number
}

/**
 * The secret part of a link. It is made anew whenever it is needed and kept nowhere: from what is kept nobody can make
 * it without `web.secret`.
 */
export function linkToken(
  webSecret: Secret,
  { userId, generation }: LinkOf,
): Secret & { readonly hash: string } {
  const mac = createHmac('sha256', deriveKey(webSecret, 'enrollment')).update(`${userId}\n${generation}`)
  const token = `${userId}.${mac.digest('base64url')}`
  return { reveal: () => token, toJSON: () => '[secret]', toString: () => '[secret]', hash: hashOf(token) }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

// One answer to all of them: a page tells nobody which addresses are known.
function ended(): UserError {
  const sentence = 'This link has ended or was used already. Ask for a new one where you got it.'
  return new UserError('stale', sentence)
}

async function mustBeOpen(ctx: ReadContext, token: string, now: Date): Promise<LocalUserRow> {
  // What is no link of ours is not asked for: PostgreSQL takes no NUL.
  const [userId = ''] = /^[\w.-]{1,100}$/.test(token) ? token.split('.', 1) : []
  const [user] = await localUsersByIds(ctx, [userId])
  const isOpen =
    user !== undefined &&
    user.state === 'enabled' &&
    user.linkExpiresAt !== null &&
    user.linkExpiresAt > now &&
    sameSecret(user.linkHash ?? '', hashOf(token))
  if (!isOpen) throw ended()
  return user
}

/** For whom a link is. */
export interface OpenLink {
  readonly userId: string
  readonly email: string
  readonly expiresAt: Date
  /** Whether the person has set a password before: forgot it, or it was taken away. */
  readonly isEnrolled: boolean
}

/** Whose link was used, and what is left to do. */
export interface Enrolled extends OpenLink {
  /** Whether the next sign-in begins with setting up a second factor. */
  readonly needsFactor: boolean
}

/**
 * For whom a link is. Opening one never uses it up: mail scanners open links. Throws `UserError('stale')` for one that
 * ended, was used, was replaced, or never was.
 */
export async function openLink(deps: LocalUserDeps, token: string): Promise<OpenLink> {
  const now = deps.clock.now()
  return await deps.store.read(async (ctx) => {
    const { id: userId, email, linkExpiresAt } = await mustBeOpen(ctx, token, now)
    // A reset by a task makes who had a password enroll again.
    const isEnrolled = (await lastPasswords(ctx, userId, 1)).length > 0
    return { userId, email, expiresAt: linkExpiresAt ?? now, isEnrolled }
  })
}

/**
 * Uses a link up: the address counts as verified and the password as the person's; who was signed in with the one before
 * is signed out. Of two at once one is told that the link was used. Returns whose link it was and what
 * is left to do. Throws `UserError`: as
 * `openLink`, and under `password` where that one will not do.
 */
export async function enroll(deps: PasswordDeps, token: string, password: Secret): Promise<Enrolled> {
  const link = await openLink(deps, token)
  const { isEnrolled } = link
  const hash = await hashNewPassword(deps, link, password)
  const now = deps.clock.now()
  const needsFactor = await deps.store.write(async (ctx) => {
    const user = await mustBeOpen(ctx, token, now)
    const fields = {
      enrolledAt: user.enrolledAt ?? now,
      generation: user.generation + 1,
      linkHash: null,
      linkExpiresAt: null,
      mailProblem: null,
      updatedAt: now,
    }
    if (!(await updateLocalUser(ctx, user, fields))) throw ended()
    await endSessions(ctx, [user.id])
    await setPassword(ctx, { userId: user.id, hash, changedAt: now })
    const notice = { kind: 'password_changed', userId: user.id, generation: fields.generation } as const
    await queueMails(ctx, deps, isEnrolled ? [notice] : [])
    await record(ctx, now, {
      kind: isEnrolled ? 'local_user_password_changed' : 'local_user_enrolled',
      actor: `local:${user.id}`,
      facts: { userId: user.id },
    })
    const { mfaRequired } = await readLocalSettings(ctx)
    return mfaRequired && (await factorRowsOf(ctx, user.id)).length === 0
  })
  return { ...link, needsFactor }
}

/** Ends the link that is out for somebody who has a password. One that is for enrolling stays: it is their only way in. */
export async function endAskedLink(ctx: WriteContext, user: LocalUserRow, at: Date): Promise<void> {
  if (user.enrolledAt === null) return
  await updateLocalUsers(ctx, [user.id], { linkHash: null, linkExpiresAt: null, updatedAt: at }, true)
}
