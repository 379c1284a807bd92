import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { type Start, assertTarget, startOn } from '#src/iam/active-directory/change.ts'
import { flags } from '#src/iam/active-directory/control.ts'
import { type DomainDeps, readPersonById } from '#src/iam/active-directory/deps.ts'
import { withSession } from '#src/iam/ldap.ts'
import { explainRefusal } from '#src/iam/active-directory/swap.ts'
import type { ChangeContext, ChangeResult, Remark, Skipped } from '#src/iam/connector.ts'
import { unlessUnreachable, writeAndSettle } from '#src/iam/ldap/settle.ts'

/** What the reset replaced. Kept as JSON. The old time can't be written back: only the directory itself may. */
const ResetBefore = z.object({ v: z.literal(1), pwdLastSet: z.string().nullable() })

const mustChange = '0'

/**
 * Writes `pwdLastSet: 0`, with which the person has to choose a new password at the next sign-in, and reads it back on
 * the same domain controller. Skipped for people who sign in with a smart card. Throws `not_supported` where "password
 * never expires" would make it do nothing. Idempotent. Throws `ConnectorError`.
 */
export async function resetDomainPassword(
  deps: DomainDeps,
  id: string,
  context: ChangeContext,
): Promise<ChangeResult | Skipped> {
  const begin = await startOn(deps, id, context.signal)
  const { account } = begin
  assertTarget(begin)
  if ((account.control & flags.smartCardRequired) !== 0) return { skipped: 'smart_card' }
  if ((account.control & flags.passwordNeverExpires) !== 0)
    throw new ConnectorError('not_supported', 'DONT_EXPIRE_PASSWORD makes pwdLastSet=0 do nothing', {
      detail: 'password_never_expires',
    })
  const image = { v: 1, pwdLastSet: account.passwordSetAt ?? null }
  const before = readResetBefore(await context.step('before', async () => image))
  const already = before.pwdLastSet === mustChange && account.passwordSetAt === mustChange
  if (account.passwordSetAt !== mustChange) await writeMustChange(deps, begin, context.signal)
  const remarks: Remark[] = ['plain_signins_fail', 'sessions_live_on']
  if (!already) remarks.push('other_domain_controllers_later')
  const readBack = await unlessUnreachable(async () =>
    bites(await look(deps, begin, context.signal)) ? 'verified' : 'drifted',
  )
  return { readBack, already, remarks }
}

/** The mark stands there, and the directory counts the password as ended because of it, where it says so. */
function bites({ passwordSetAt, computedControl }: DomainAccount): boolean {
  return (
    passwordSetAt === mustChange && ((computedControl ?? flags.passwordExpired) & flags.passwordExpired) !== 0
  )
}

async function writeMustChange(deps: DomainDeps, begin: Start, signal: AbortSignal): Promise<void> {
  const { account, address } = begin
  const attribute = 'pwdLastSet'
  const write = () =>
    withSession(deps, signal, address, async ({ connection }) => {
      const changes = [{ operation: 'replace', attribute, values: [mustChange] }] as const
      try {
        await connection.modify(account.dn, changes)
      } catch (error) {
        throw explainRefusal(error, account, attribute)
      }
    })
  await writeAndSettle(write, async () => (await look(deps, begin, signal)).passwordSetAt === mustChange)
}

function look(deps: DomainDeps, { account, address }: Start, signal: AbortSignal): Promise<DomainAccount> {
  return withSession(deps, signal, address, ({ connection }) =>
    readPersonById(connection, deps.settings, account.id),
  )
}

function readResetBefore(kept: unknown): z.infer<typeof ResetBefore> {
  const parsed = ResetBefore.safeParse(kept)
  if (parsed.success) return parsed.data
  throw new ConnectorError('bad_response', 'The before-image is not readable', {
    detail: 'before_image_unreadable',
  })
}
