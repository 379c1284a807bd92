import { ConnectorError } from '#src/errors.ts'
import type { DomainAccount } from '#src/iam/active-directory/account.ts'
import { flags } from '#src/iam/active-directory/control.ts'
import { type DomainDeps, readPersonById } from '#src/iam/active-directory/deps.ts'
import { withSession } from '#src/iam/ldap.ts'
import { mayWrite } from '#src/iam/active-directory/find.ts'
import type { ReadBack } from '#src/iam/connector.ts'
import type { Connection } from '#src/iam/ldap/connection.ts'
import { parentDn } from '#src/iam/ldap/dn.ts'
import { writeAndSettle } from '#src/iam/ldap/settle.ts'
import type { LdapAddress } from '#src/iam/ldap/settings.ts'

/** Who can delegate rights on people. */
export const domainAdministrator = 'a domain administrator'

/** A change of flags on one server. */
export interface Wish {
  readonly deps: DomainDeps
  readonly id: string
  readonly address: LdapAddress
  readonly signal: AbortSignal
  /** The flags as they should be, from the flags as they are. */
  readonly wanted: (control: number) => number
}

/** How it ended. */
export interface Settled {
  readonly readBack: ReadBack
  /** Whether we wrote. */
  readonly changed: boolean
  /** Whether somebody else changed other flags between our write and our look. */
  readonly foreign: boolean
}

/** Reads, swaps and reads back, all on one server. A lost answer is looked into before anything is done again. */
export async function settleControl(wish: Wish): Promise<Settled> {
  const { deps, id, address, signal, wanted } = wish
  const look = () =>
    withSession(deps, signal, address, ({ connection }) => readPersonById(connection, deps.settings, id))
  let written: number | undefined
  const write = () =>
    withSession(deps, signal, address, async ({ connection }) => {
      written = await swap(connection, deps, id, wanted)
    })
  const isDone = async (): Promise<boolean> => {
    const { control } = await look()
    const done = wanted(control) === control
    if (done) written = control
    return done
  }
  await writeAndSettle(write, isDone)
  if (written === undefined) return { readBack: 'verified', changed: false, foreign: false }
  try {
    const { control } = await look()
    return {
      readBack: wanted(control) === control ? 'verified' : 'drifted',
      changed: true,
      foreign: (control | flags.disabled) !== (written | flags.disabled),
    }
  } catch (error) {
    // Whatever kept us from looking again, the change was made.
    if (!(error instanceof ConnectorError)) throw error
    return { readBack: 'unreachable', changed: true, foreign: false }
  }
}

/**
 * Replaces exactly the value that was read: when somebody changed it in between the directory refuses, and it is read
 * and planned anew, once. Answers what was written; undefined when nothing had to be.
 */
async function swap(
  connection: Connection,
  deps: DomainDeps,
  id: string,
  wanted: Wish['wanted'],
): Promise<number | undefined> {
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const account = await readPersonById(connection, deps.settings, id)
    const next = wanted(account.control)
    if (next === account.control) return undefined
    const attribute = 'userAccountControl'
    const changes = [
      { operation: 'delete', attribute, values: [String(account.control)] },
      { operation: 'add', attribute, values: [String(next)] },
    ] as const
    try {
      if ((await connection.modify(account.dn, changes)) === 'done') return next
    } catch (error) {
      throw explainRefusal(error, account, attribute)
    }
  }
  const facts = { detail: 'account_changed_meanwhile' }
  throw new ConnectorError('unavailable', 'userAccountControl changed twice while we wrote', facts)
}

/** Adds what an administrator needs to know to a refused write; other failures stay as they are. */
export function explainRefusal(
  error: unknown,
  account: DomainAccount,
  attribute: 'userAccountControl' | 'pwdLastSet',
): unknown {
  if (!(error instanceof ConnectorError) || error.code !== 'not_permitted') return error
  const where = `on ${parentDn(account.dn)}`
  const delegation = flags.trustedForDelegation | flags.trustedToAuthenticate
  const isFlags = attribute === 'userAccountControl'
  if (isFlags && mayWrite(account, attribute) && (account.control & delegation) !== 0) {
    const facts = {
      ...error.facts,
      permission: 'SeEnableDelegationPrivilege',
      grantedBy: domainAdministrator,
    }
    return new ConnectorError(
      'not_permitted',
      error.message,
      { ...facts, detail: 'trusted_for_delegation' },
      error,
    )
  }
  const guarded = account.adminCount === '1' ? { detail: 'guarded_by_adminsdholder' } : {}
  const facts = {
    ...error.facts,
    permission: `write ${attribute}`,
    where,
    grantedBy: domainAdministrator,
  }
  return new ConnectorError('not_permitted', error.message, { ...facts, ...guarded }, error)
}
