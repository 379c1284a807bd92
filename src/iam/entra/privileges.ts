import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { GraphCall, GraphClient } from '#src/iam/entra/client.ts'
import { pathOf } from '#src/iam/url.ts'
import { literal } from '#src/iam/entra/filters.ts'
import { graphRights } from '#src/iam/entra/permissions.ts'
import { readAll, readById } from '#src/iam/entra/people.ts'
import type { EntraUser } from '#src/iam/entra/user.ts'

/** What somebody holds: undefined where it could not be read. */
export interface Privileges {
  /** Names of the administrative roles and role-assignable groups. */
  readonly privileged: readonly string[] | undefined
  /** All groups, nested ones too. */
  readonly groups: readonly Group[] | undefined
  /** Whether the account carries the directory synchronization. */
  readonly synchronizes: boolean
  /** Whether the roles that the person may take at will are among `privileged`. */
  readonly eligibleKnown: boolean
}

interface Group {
  readonly id: string
  readonly displayName?: string | null | undefined
  readonly isAssignableToRole?: boolean | null | undefined
}

// Roles that let nobody change anything ("Microsoft Entra built-in roles").
const harmless: ReadonlySet<string> = new Set([
  'Directory Readers',
  'Guest Inviter',
  'Message Center Reader',
  'Reports Reader',
  'Usage Summary Reports Reader',
])
const synchronization = 'Directory Synchronization Accounts'

const Named = z.object({ id: z.string(), displayName: z.string().nullish() })
const GroupEntry = Named.extend({ isAssignableToRole: z.boolean().nullish() })
const Assignment = z.object({
  id: z.string(),
  roleDefinition: z.object({ displayName: z.string().nullish() }).nullish(),
})

/** Everything that makes somebody privileged, asked for at the same time. What may not be read is unknown, never "none". */
export async function readPrivileges(
  client: GraphClient,
  id: string,
  signal: AbortSignal,
): Promise<Privileges> {
  const [roles, assigned, groups, eligible] = await Promise.all([
    unlessHidden(() => heldRoles(client, id, signal)),
    unlessHidden(() => assignedRoles(client, 'roleAssignments', id, signal)),
    unlessHidden(() => memberGroups(client, id, signal)),
    unlessHidden(() => eligibleRoles(client, id, signal)),
  ])
  const names = [...(roles ?? []), ...(assigned ?? []), ...(eligible ?? [])]
  const guarded = (groups ?? []).filter((group) => group.isAssignableToRole === true)
  const isKnown = [roles, assigned, groups].every((one) => one !== undefined) && names.every(isName)
  return {
    privileged: isKnown
      ? [
          ...new Set([
            ...names.filter(isName).filter((name) => !harmless.has(name)),
            ...guarded.map((group) => group.displayName ?? group.id),
          ]),
        ]
      : undefined,
    groups,
    synchronizes: names.includes(synchronization),
    eligibleKnown: eligible !== undefined,
  }
}

/**
 * Reads somebody whose sign-in is to be changed. Throws `not_supported` for the account that carries the directory
 * synchronization, which would stop.
 */
export async function readChangeable(
  client: GraphClient,
  id: string,
  signal: AbortSignal,
): Promise<EntraUser> {
  const [user, held] = await Promise.all([readById(client, id, signal), readPrivileges(client, id, signal)])
  if (!held.synchronizes) return user
  throw new ConnectorError('not_supported', 'The account of the directory synchronization', {
    detail: 'synchronization_account',
  })
}

// A role without a name is one whose name we may not read: it could be any.
function isName(name: string | undefined): name is string {
  return name !== undefined
}

const advanced = { $count: 'true' } as const

/** Roles held directly or through groups. The index that answers is late, so direct assignments are read as well. */
async function heldRoles(client: GraphClient, id: string, signal: AbortSignal) {
  const call: GraphCall = {
    method: 'GET',
    path: `${pathOf('users', id)}/transitiveMemberOf/microsoft.graph.directoryRole`,
    query: { $select: 'id,displayName,roleTemplateId', ...advanced },
    advanced: true,
    right: graphRights.readRoles,
  }
  const entries = await readAll(client, call, Named, signal)
  return entries.map(({ displayName }) => displayName ?? undefined)
}

async function assignedRoles(
  client: GraphClient,
  list: 'roleAssignments' | 'roleEligibilitySchedules',
  id: string,
  signal: AbortSignal,
) {
  const principal = literal(id) ?? "''"
  const call: GraphCall = {
    method: 'GET',
    path: `/roleManagement/directory/${list}`,
    query: { $filter: `principalId eq ${principal}`, $expand: 'roleDefinition' },
    right: graphRights.readRoles,
  }
  const entries = await readAll(client, call, Assignment, signal)
  return entries.map(({ roleDefinition }) => roleDefinition?.displayName ?? undefined)
}

/** Without the licence for roles that people may take at will, nobody can have one. */
async function eligibleRoles(client: GraphClient, id: string, signal: AbortSignal) {
  try {
    return await assignedRoles(client, 'roleEligibilitySchedules', id, signal)
  } catch (error) {
    if (error instanceof ConnectorError && error.facts.vendorCode === 'AadPremiumLicenseRequired') return []
    throw error
  }
}

async function memberGroups(client: GraphClient, id: string, signal: AbortSignal): Promise<readonly Group[]> {
  const call: GraphCall = {
    method: 'GET',
    path: `${pathOf('users', id)}/transitiveMemberOf/microsoft.graph.group`,
    query: { $select: 'id,displayName,isAssignableToRole', ...advanced },
    advanced: true,
    right: graphRights.readGroups,
  }
  const groups = await readAll(client, call, GroupEntry, signal)
  // Without the right to read them, groups come with their ids alone.
  return groups.every((group) => isName(group.displayName ?? undefined)) ? groups : hidden()
}

function hidden(): never {
  throw new ConnectorError('not_permitted', 'The names of groups are hidden')
}

async function unlessHidden<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_permitted') return undefined
    throw error
  }
}
