import { systemClock } from '#src/clock.ts'
import type { ConnectorOptions, IamConnector } from '#src/iam/connector.ts'
import { reportServer } from '#src/iam/ldap/report.ts'
import { resetPersonPassword } from '#src/iam/openldap/reset.ts'
import { disableAccount, enableAccount } from '#src/iam/openldap/change.ts'
import { type OpenLdapDeps, createTurn, readPersonById } from '#src/iam/openldap/deps.ts'
import { withSession } from '#src/iam/ldap.ts'
import { describeAccount, evidenceFor, findPeople, readServerFacts } from '#src/iam/openldap/find.ts'
import { checkOpenLdapRights } from '#src/iam/openldap/rights.ts'
import type { OpenLdapSettings } from '#src/iam/openldap/settings.ts'

/** The connector for OpenLDAP with the password policy overlay, or with the site's own attribute. */
export function createOpenLdapConnector(settings: OpenLdapSettings, options: ConnectorOptions): IamConnector {
  const { servers, bindDn, bindPassword } = settings
  const deps: OpenLdapDeps = {
    settings,
    access: { servers, bindDn, bindPassword, callTimeoutMs: options.callTimeoutMs },
    protectedGroups: options.protectedGroups,
    clock: options.clock ?? systemClock,
    canaryTurn: createTurn(),
  }
  return {
    system: { id: settings.id, kind: settings.kind },
    find: (query, signal) =>
      withSession(deps, signal, undefined, async (session) => {
        const accounts = await findPeople(session.connection, settings, query)
        if (accounts.length === 0) return []
        const server = await readServerFacts(session, settings)
        const described = accounts.map((account) =>
          describeAccount(deps, session, server, account, evidenceFor(account, query)),
        )
        return Promise.all(described)
      }),
    read: (accountId, signal) =>
      withSession(deps, signal, undefined, async (session) => {
        const account = await readPersonById(session.connection, settings, accountId)
        const server = await readServerFacts(session, settings)
        return describeAccount(deps, session, server, account, 'id')
      }),
    disable: (accountId, context) => disableAccount(deps, accountId, context),
    enable: (accountId, context) => enableAccount(deps, accountId, context),
    // A site with a rule of its own has no password policy that could demand a new password.
    ...(settings.disableAttribute === undefined && {
      resetPassword: (accountId, context) => resetPersonPassword(deps, accountId, context),
    }),
    checkRights: (signal) =>
      withSession(deps, signal, undefined, (session) => checkOpenLdapRights(deps, session)),
    checkConnection: (signal) =>
      withSession(
        deps,
        signal,
        undefined,
        async (session) => (await reportServer(session, deps.clock)).report,
      ),
  }
}
