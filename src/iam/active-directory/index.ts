import { systemClock } from '#src/clock.ts'
import { disableAccount, enableAccount } from '#src/iam/active-directory/change.ts'
import { type DomainDeps, readPersonById } from '#src/iam/active-directory/deps.ts'
import { withSession } from '#src/iam/ldap.ts'
import { readDomainFacts } from '#src/iam/active-directory/domain.ts'
import { describeAccount, evidenceFor, findPeople } from '#src/iam/active-directory/find.ts'
import { reportDomain } from '#src/iam/active-directory/report.ts'
import { resetDomainPassword } from '#src/iam/active-directory/reset.ts'
import { checkDomainRights } from '#src/iam/active-directory/rights.ts'
import type { ActiveDirectorySettings } from '#src/iam/active-directory/settings.ts'
import type { ConnectorOptions, IamConnector } from '#src/iam/connector.ts'

/** The connector for Active Directory over LDAPS or StartTLS. */
export function createActiveDirectoryConnector(
  settings: ActiveDirectorySettings,
  options: ConnectorOptions,
): IamConnector {
  const { servers, bindDn, bindPassword } = settings
  const deps: DomainDeps = {
    settings,
    access: { servers, bindDn, bindPassword, callTimeoutMs: options.callTimeoutMs },
    protectedGroups: options.protectedGroups,
    clock: options.clock ?? systemClock,
  }
  return {
    system: { id: settings.id, kind: settings.kind },
    find: (query, signal) =>
      withSession(deps, signal, undefined, async (session) => {
        const domain = await readDomainFacts(session)
        const accounts = await findPeople(session.connection, settings, domain, query)
        const described = accounts.map((account) =>
          describeAccount(deps, session.connection, domain, account, evidenceFor(account, query)),
        )
        return Promise.all(described)
      }),
    read: (accountId, signal) =>
      withSession(deps, signal, undefined, async (session) => {
        const domain = await readDomainFacts(session)
        const account = await readPersonById(session.connection, settings, accountId)
        return describeAccount(deps, session.connection, domain, account, 'id')
      }),
    disable: (accountId, context) => disableAccount(deps, accountId, context),
    enable: (accountId, context) => enableAccount(deps, accountId, context),
    resetPassword: (accountId, context) => resetDomainPassword(deps, accountId, context),
    checkRights: (signal) =>
      withSession(deps, signal, undefined, (session) => checkDomainRights(deps, session)),
    checkConnection: (signal) =>
      withSession(deps, signal, undefined, (session) => reportDomain(deps, session)),
  }
}
