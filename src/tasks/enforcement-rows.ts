import type { IamConnector } from '#src/iam/connector.ts'
import type { MatchedAccount } from '#src/iam/target.ts'
import { newId } from '#src/ids.ts'
import type { LookUp } from '#src/tasks/look-up.ts'
import { masteringSystems } from '#src/tasks/order.ts'

/** The enforcements of a new task on the accounts of one person, and on systems that could not be asked yet. */
export function enforcementRows(
  connectors: readonly IamConnector[],
  lookUp: Pick<LookUp, 'action' | 'mayDeactivate' | 'found' | 'personText'>,
  accounts: readonly MatchedAccount[],
  taskId: string,
) {
  const fresh = {
    taskId,
    action: lookUp.action,
    status: 'waiting',
    run: 1,
    already: false,
    remarks: [],
    follows: null,
  }
  const known = accounts.map((account) => ({
    ...fresh,
    systemId: account.systemId,
    systemKind: account.systemKind,
    accountId: account.accountId,
    login: account.login,
    emails: account.emails,
    evidence: account.evidence,
    follows: account.synchronized === true ? masteringSystems(connectors, account.systemId) : null,
  }))
  // An Enable restores what a Disable changed; a system that was not asked has nothing that was picked for it.
  const unasked = lookUp.action === 'enable_account' || lookUp.mayDeactivate ? [] : lookUp.found.unasked
  const unknown = unasked.map((system) => ({
    ...fresh,
    systemId: system.systemId,
    systemKind: system.systemKind,
    accountId: null,
    login: lookUp.personText,
    emails: [],
    evidence: { by: 'task' },
  }))
  return [...known, ...unknown].map((row, position) => ({ ...row, id: newId(), position }))
}
