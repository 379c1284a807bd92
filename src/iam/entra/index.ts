import { systemClock } from '#src/clock.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import { askForToken } from '#src/iam/entra/authority.ts'
import { disablePerson, enablePerson } from '#src/iam/entra/change.ts'
import { createGraphClient } from '#src/iam/entra/client.ts'
import type { EntraDeps } from '#src/iam/entra/deps.ts'
import { describePerson } from '#src/iam/entra/describe.ts'
import { findPeople } from '#src/iam/entra/find.ts'
import { readById } from '#src/iam/entra/people.ts'
import { reportTenant } from '#src/iam/entra/report.ts'
import { resetPersonPassword } from '#src/iam/entra/reset.ts'
import { checkGraphRights } from '#src/iam/entra/rights.ts'
import { signOutPerson } from '#src/iam/entra/sessions.ts'
import type { EntraOptions, EntraSettings } from '#src/iam/entra/settings.ts'
import { createTokens } from '#src/iam/entra/tokens.ts'

const usualDelaysMs = [1_000, 3_000, 8_000]

/** The connector for one Entra tenant, over Microsoft Graph v1.0. */
export function createEntraConnector(settings: EntraSettings, options: EntraOptions): IamConnector {
  const { callTimeoutMs, clock = systemClock, readBackDelaysMs = usualDelaysMs } = options
  const tokens = createTokens(() => askForToken({ settings, callTimeoutMs, clock }), clock)
  const client = createGraphClient({ graphUrl: settings.graphUrl, tokens, callTimeoutMs, clock })
  const deps: EntraDeps = {
    ...{ settings, client, readBackDelaysMs, clock },
    protectedGroups: options.protectedGroups,
  }
  return {
    system: { id: settings.id, kind: settings.kind },
    ...(settings.synchronizedFrom !== undefined && { synchronizedFrom: settings.synchronizedFrom }),
    find: async (query, signal) => {
      const hits = await findPeople(client, query, signal)
      return await Promise.all(hits.map((hit) => describePerson(deps, hit, signal)))
    },
    read: async (accountId, signal) => {
      const user = await readById(client, accountId, signal)
      return await describePerson(deps, { user, foundBy: 'id' }, signal)
    },
    disable: (accountId, context) => disablePerson(deps, accountId, context),
    enable: (accountId, context) => enablePerson(deps, accountId, context),
    resetPassword: (accountId, context) => resetPersonPassword(deps, accountId, context),
    signOut: (accountId, context) => signOutPerson(deps, accountId, context),
    checkRights: (signal) => checkGraphRights(deps, signal),
    checkConnection: (signal) => reportTenant(deps, signal),
  }
}
