import type { IamConnector } from '#src/iam/connector.ts'
import type { MatchedAccount } from '#src/iam/target.ts'
import type { Action } from '#src/tasks/task.ts'

type Account = Pick<MatchedAccount, 'systemId' | 'state' | 'protection'>
type Connector = Pick<IamConnector, 'system' | 'resetPassword' | 'signOut'>

/** What may be asked for about somebody with these accounts, as they are now and as far as their systems can do it. Pure. */
export function offersFor(
  accounts: readonly Account[],
  connectors: readonly Connector[],
): ReadonlySet<Action> {
  const offers = new Set<Action>()
  for (const { systemId, state, protection } of accounts) {
    if (state === 'disabled') offers.add('enable_account')
    if (protection.kind === 'deny') continue
    const connector = connectors.find(({ system }) => system.id === systemId)
    if (state === 'enabled') offers.add('disable_account')
    if (state === 'enabled' && connector?.resetPassword !== undefined) offers.add('force_password_reset')
    if (connector?.signOut !== undefined) offers.add('force_sign_out')
  }
  return offers
}
