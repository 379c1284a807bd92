import { createHash, createHmac } from 'node:crypto'
import { keepPassword } from '#db/queries/local-users-sign-in.ts'
import { type LocalUserRow, localUsersByIds, updateLocalUser } from '#db/queries/local-users.ts'
import type { ReadContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { checkPassword, hashPassword } from '#src/local-users/password.ts'
import { sameSecret, type Secret } from '#src/secrets.ts'

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
  const mac = createHmac('sha256', webSecret.reveal()).update(`enrollment\n${userId}\n${generation}`)
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
  const [userId = ''] = token.split('.', 1)
  const [user] = await localUsersByIds(ctx, [userId])
  const isOpen =
    user !== undefined &&
    user.state === 'enabled' &&
    user.enrolledAt === null &&
    user.linkExpiresAt !== null &&
    user.linkExpiresAt > now &&
    sameSecret(user.linkHash ?? '', hashOf(token))
  if (!isOpen) throw ended()
  return user
}

/**
 * For whom a link is. Opening one never uses it up: mail scanners open links. Throws `UserError('stale')` for one that
 * ended, was used, was replaced, or never was.
 */
export async function openLink(
  deps: LocalUserDeps,
  token: string,
): Promise<{ readonly email: string; readonly expiresAt: Date }> {
  const user = await deps.store.read((ctx) => mustBeOpen(ctx, token, deps.clock.now()))
  return { email: user.email, expiresAt: user.linkExpiresAt ?? deps.clock.now() }
}

/**
 * Uses a link up: the address counts as verified and the password as the person's. Of two at once one is told that the
 * link was used. Throws `UserError`: as `openLink`, and under `password` where that one will not do.
 */
export async function enroll(deps: LocalUserDeps, token: string, password: Secret): Promise<void> {
  const { email } = await openLink(deps, token)
  checkPassword(password, email)
  const hash = await hashPassword(password)
  const now = deps.clock.now()
  await deps.store.write(async (ctx) => {
    const user = await mustBeOpen(ctx, token, now)
    const fields = {
      enrolledAt: now,
      generation: user.generation + 1,
      linkHash: null,
      linkExpiresAt: null,
      mailProblem: null,
      updatedAt: now,
    }
    if (!(await updateLocalUser(ctx, user, fields))) throw ended()
    await keepPassword(ctx, { userId: user.id, hash, changedAt: now })
    await record(ctx, now, {
      kind: 'local_user_enrolled',
      actor: `local:${user.id}`,
      facts: { userId: user.id },
    })
  })
}
