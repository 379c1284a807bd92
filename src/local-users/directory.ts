import { groupsOfUsers } from '#db/queries/local-groups.ts'
import { endSessions, forgetPassword, passwordHashOf } from '#db/queries/local-users-sign-in.ts'
import {
  type LocalUserRow,
  localUsersByEmailKeys,
  localUsersByIds,
  updateLocalUsers,
} from '#db/queries/local-users.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { type AuditEvent, record } from '#src/audit/audit.ts'
import { enrollmentOf, readEmail } from '#src/local-users/account.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { endAskedLink } from '#src/local-users/enrollment.ts'
import { linkMs, queueMails } from '#src/local-users/mails.ts'

/**
 * The local users as tasks find and change them: what the connector `local` asks for. Changes are recorded in the same
 * transaction. An account that is gone is undefined.
 */
export function createLocalDirectory(deps: LocalUserDeps) {
  const now = () => deps.clock.now()
  const change = <T>(
    id: string,
    kind: AuditEvent['kind'],
    work: (ctx: WriteContext, user: LocalUserRow, at: Date) => Promise<T>,
  ): Promise<T | undefined> =>
    deps.store.write(async (ctx) => {
      const [user] = await localUsersByIds(ctx, [id])
      if (user === undefined) return undefined
      const at = now()
      const done = await work(ctx, user, at)
      await record(ctx, at, { kind, actor: 'system', facts: { userId: id, email: user.email, by: 'task' } })
      return done
    })
  return {
    byEmail: (address: string) =>
      deps.store.read(async (ctx) => {
        const email = readEmail(address)
        return typeof email === 'string'
          ? undefined
          : await only(ctx, now(), await localUsersByEmailKeys(ctx, [email.key]))
      }),
    byId: (id: string) =>
      deps.store.read(async (ctx) =>
        // What is no id of ours is not asked for: PostgreSQL takes no NUL.
        /^[\w-]{22}$/.test(id) ? await only(ctx, now(), await localUsersByIds(ctx, [id])) : undefined,
      ),
    disable: (id: string) =>
      change(id, 'local_user_disabled', async (ctx, user, at) => {
        await endSessions(ctx, [id])
        const link = { linkHash: null, linkExpiresAt: user.enrolledAt === null ? at : null }
        await updateLocalUsers(ctx, [id], { state: 'disabled', heldSince: at, ...link, updatedAt: at }, true)
        return true as const
      }),
    enable: (id: string) =>
      change(id, 'local_user_enabled', async (ctx, _user, at) => {
        await updateLocalUsers(ctx, [id], { state: 'enabled', heldSince: null, updatedAt: at })
        return true as const
      }),
    resetPassword: (id: string) =>
      change(id, 'local_user_password_reset', async (ctx, user, at) => {
        await endSessions(ctx, [id])
        await forgetPassword(ctx, id)
        const isReached = user.state === 'enabled'
        const linkExpiresAt = isReached ? new Date(at.getTime() + linkMs) : at
        const fields = { enrolledAt: null, linkHash: null, linkExpiresAt, updatedAt: at }
        await updateLocalUsers(ctx, [id], fields, true)
        const mail = { kind: 'new_password', userId: id, generation: user.generation + 1 } as const
        await queueMails(ctx, deps, isReached ? [mail] : [])
        return true as const
      }),
    endSessions: (id: string) =>
      change(id, 'local_user_signed_out', async (ctx, user, at) => {
        await endAskedLink(ctx, user, at)
        return await endSessions(ctx, [id])
      }),
  }
}

async function only(ctx: ReadContext, now: Date, rows: readonly LocalUserRow[]) {
  const [user] = rows
  if (user === undefined) return undefined
  const groups = await groupsOfUsers(ctx, [user.id])
  return {
    id: user.id,
    email: user.email,
    state: user.state === 'enabled' ? ('enabled' as const) : ('disabled' as const),
    enrollment: enrollmentOf(user, now),
    hasPassword: (await passwordHashOf(ctx, user.id)) !== undefined,
    groups: groups.map(({ groupId, name }) => ({ id: groupId, name })),
  }
}
