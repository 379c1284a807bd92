import type { Clock } from '#src/clock.ts'
import type { IamSystemConfig } from '#src/config.ts'
import { createActiveDirectoryConnector } from '#src/iam/active-directory/index.ts'
import type { ConnectorOptions, IamConnector, SystemKind } from '#src/iam/connector.ts'
import { createEntraConnector } from '#src/iam/entra/index.ts'
import { type GuardDeps, guardConnector } from '#src/iam/guard.ts'
import type { LocalDirectory } from '#src/iam/local/directory.ts'
import { createLocalConnector } from '#src/iam/local/index.ts'
import { createOktaConnector } from '#src/iam/okta/index.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'

/** Makes the connector of every configured IAM system. Nothing is contacted yet. */
export function createConnectors(
  systems: readonly IamSystemConfig[],
  options: {
    readonly callTimeoutMs: number
    /** All entries of `protected_accounts`. */
    readonly protectedEntries: readonly string[]
    readonly clock: Clock
    /** Keeps every system from being overrun or waited for; left out by those who look only once. */
    readonly guard?: Omit<GuardDeps, 'clock'> | undefined
    /** Drawbridge's own local users: the system `local`, last in the list. Left out where there can be none. */
    readonly local?: LocalDirectory | undefined
  },
): readonly IamConnector[] {
  const kinds = systems.map(({ kind }) => kind)
  const configured = systems.map((settings) => {
    const protectedGroups = groupsOf(settings.id, options.protectedEntries)
    const { callTimeoutMs, clock, guard } = options
    const connector = connect(settings, { callTimeoutMs, protectedGroups, clock }, kinds)
    return guard === undefined ? connector : guardConnector(connector, { ...guard, clock })
  })
  if (options.local === undefined) return configured
  const protectedGroups = groupsOf('local', options.protectedEntries)
  return [...configured, createLocalConnector(options.local, { ...options, protectedGroups })]
}

// One line for each kind that `src/config/systems.ts` reads.
function connect(
  settings: IamSystemConfig,
  options: ConnectorOptions,
  otherKinds: readonly SystemKind[],
): IamConnector {
  switch (settings.kind) {
    case 'active-directory':
      return createActiveDirectoryConnector(settings, options)
    case 'openldap':
      return createOpenLdapConnector(settings, options)
    case 'okta':
      return createOktaConnector(settings, { ...options, otherKinds })
    case 'entra':
      return createEntraConnector(settings, options)
  }
}

function groupsOf(systemId: string, entries: readonly string[]): readonly string[] {
  const prefix = `group:${systemId}:`
  return entries.filter((entry) => entry.startsWith(prefix)).map((entry) => entry.slice(prefix.length))
}
