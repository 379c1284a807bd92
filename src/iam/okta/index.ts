import { systemClock } from '#src/clock.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import { disablePerson, enablePerson } from '#src/iam/okta/change.ts'
import { createOktaClient } from '#src/iam/okta/client.ts'
import { apiTokenCredentials, tokenCredentials } from '#src/iam/okta/credentials.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { describePerson } from '#src/iam/okta/describe.ts'
import { findPeople } from '#src/iam/okta/find.ts'
import { readById, readTokenOwner } from '#src/iam/okta/people.ts'
import { scopesFor } from '#src/iam/okta/permissions.ts'
import { reportOrg } from '#src/iam/okta/report.ts'
import { resetPersonPassword } from '#src/iam/okta/reset.ts'
import { checkOktaRights } from '#src/iam/okta/rights.ts'
import { signOutPerson } from '#src/iam/okta/sessions.ts'
import type { OktaConnection, OktaOptions } from '#src/iam/okta/settings.ts'
import { signIn } from '#src/iam/okta/sign-in.ts'

// Together half a minute: what takes longer is looked at again by the next attempt.
const usualLooksMs = [250, 500, 1_000, 2_000, 4_000, 8_000, 14_000]

/** The connector for one Okta org, over its management API. */
export function createOktaConnector(settings: OktaConnection, options: OktaOptions): IamConnector {
  const deps = createDeps(settings, options)
  return {
    system: { id: settings.id, kind: settings.kind },
    find: async (query, signal) => {
      const hits = await findPeople(deps.client, query, signal)
      return await Promise.all(hits.map((hit) => describePerson(deps, hit, signal)))
    },
    read: async (accountId, signal) => {
      const user = await readById(deps.client, accountId, signal)
      return await describePerson(deps, { user, foundBy: 'id' }, signal)
    },
    disable: (accountId, context) => disablePerson(deps, accountId, context),
    enable: (accountId, context) => enablePerson(deps, accountId, context),
    resetPassword: (accountId, context) => resetPersonPassword(deps, accountId, context),
    signOut: (accountId, context) => signOutPerson(deps, accountId, context),
    checkRights: (signal) => checkOktaRights(deps, signal),
    checkConnection: (signal) => reportOrg(deps, signal),
  }
}

function createDeps(settings: OktaConnection, options: OktaOptions): OktaDeps {
  const { callTimeoutMs, clock = systemClock } = options
  const { url, apiToken } = settings
  const scopes = scopesFor(options.protectedGroups)
  const credentials =
    apiToken === undefined
      ? tokenCredentials(() => signIn({ settings, scopes, callTimeoutMs, clock }), clock)
      : apiTokenCredentials(apiToken)
  const client = createOktaClient({ url, credentials, callTimeoutMs, clock })
  let ownId: string | undefined
  return {
    settings,
    client,
    protectedGroups: options.protectedGroups,
    otherKinds: options.otherKinds ?? [],
    lookAgainAfterMs: options.lookAgainAfterMs ?? usualLooksMs,
    clock,
    ownId: async (signal) => {
      // A token belongs to the same person for ever.
      if (apiToken !== undefined) ownId ??= await readTokenOwner(client, signal)
      return ownId
    },
  }
}
