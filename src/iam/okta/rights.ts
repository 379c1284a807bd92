import { ConnectorError } from '#src/errors.ts'
import type { RightCheck } from '#src/iam/connector.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { checkProtectedGroups } from '#src/iam/okta/group-checks.ts'
import { searchIds } from '#src/iam/okta/people.ts'
import {
  type OktaRight,
  oktaRights,
  roleGrantedUnder,
  scopeGrantedUnder,
  scopesFor,
  superAdministrator,
} from '#src/iam/okta/permissions.ts'
import { type OktaRole, readAppRoles, readRoles } from '#src/iam/okta/roles.ts'
import { isLinked } from '#src/iam/okta/samples.ts'
import type { OktaUser } from '#src/iam/okta/user.ts'

const lifecycleRoles = ['SUPER_ADMIN', 'ORG_ADMIN', 'USER_ADMIN'] as const
const supportRoles = [...lifecycleRoles, 'HELP_DESK_ADMIN'] as const

interface ChangeRight {
  readonly right: OktaRight
  /** Okta links an operation on people of this status to whoever may carry it out. */
  readonly link?: { readonly status: OktaUser['status']; readonly name: string }
  /** Standard roles that hold it ("Standard administrator roles and permissions"). */
  readonly roles: readonly string[]
}

const changeRights: readonly ChangeRight[] = [
  { right: oktaRights.suspend, link: { status: 'ACTIVE', name: 'suspend' }, roles: lifecycleRoles },
  { right: oktaRights.unsuspend, link: { status: 'SUSPENDED', name: 'unsuspend' }, roles: lifecycleRoles },
  { right: oktaRights.deactivate, link: { status: 'ACTIVE', name: 'deactivate' }, roles: lifecycleRoles },
  { right: oktaRights.activate, link: { status: 'DEPROVISIONED', name: 'activate' }, roles: lifecycleRoles },
  { right: oktaRights.unlock, link: { status: 'LOCKED_OUT', name: 'unlock' }, roles: supportRoles },
  {
    right: oktaRights.expirePassword,
    link: { status: 'ACTIVE', name: 'expirePassword' },
    roles: supportRoles,
  },
  // Nothing links to the sessions.
  { right: oktaRights.endSessions, roles: supportRoles },
]

/**
 * Looks at each right without changing anything: the scopes of a new token, reads, the operations that Okta links to people
 * of each status for us, and the roles that we hold. Throws `ConnectorError` when Okta can't be asked at all.
 */
export async function checkOktaRights(deps: OktaDeps, signal: AbortSignal): Promise<readonly RightCheck[]> {
  const scopes = await deps.client.freshScopes(signal)
  const people = await reads(oktaRights.readPeople, () => searchIds(deps.client, anybody, 1, signal))
  const own = await ownRoles(deps, signal)
  const [somebody] = people.value ?? []
  const readable =
    somebody === undefined
      ? own.check
      : (await reads(oktaRights.readRoles, () => readRoles(deps.client, somebody, signal))).check
  const mayRead = people.value !== undefined
  return [
    ...scopeChecks(scopes, scopesFor(deps.protectedGroups)),
    people.check,
    readable,
    ...(await Promise.all(
      changeRights.map((one) => checkChange(deps, one, { scopes, roles: own.value, mayRead }, signal)),
    )),
    ...(await checkProtectedGroups(deps, signal)),
  ]
}

const anybody = 'status eq "ACTIVE" or status eq "SUSPENDED"'

function scopeChecks(
  granted: readonly string[] | undefined,
  needed: readonly string[],
): readonly RightCheck[] {
  if (granted === undefined) return []
  return needed.map((scope) =>
    granted.includes(scope)
      ? grantedCheck(`scope ${scope}`)
      : missingCheck(`scope ${scope}`, scopeGrantedUnder),
  )
}

interface Read<T> {
  readonly check: RightCheck
  readonly value: T | undefined
}

async function reads<T>({ permission, scope }: OktaRight, read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { check: grantedCheck(permission), value: await read() }
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'not_permitted') throw error
    const isScope = error.facts.where === scopeGrantedUnder
    const check = isScope ? hiddenBy(permission, scope) : missingCheck(permission, roleGrantedUnder)
    return { check, value: undefined }
  }
}

/** Our own roles: the app's, or those of the person whose API token we use. */
async function ownRoles(deps: OktaDeps, signal: AbortSignal): Promise<Read<readonly OktaRole[]>> {
  const { clientId } = deps.settings
  return await reads(oktaRights.readRoles, async () => {
    const ownId = await deps.ownId(signal)
    if (ownId !== undefined) return await readRoles(deps.client, ownId, signal)
    return await readAppRoles(deps.client, clientId ?? '', signal)
  })
}

interface Known {
  readonly scopes: readonly string[] | undefined
  readonly roles: readonly OktaRole[] | undefined
  readonly mayRead: boolean
}

async function checkChange(
  deps: OktaDeps,
  { right, link, roles }: ChangeRight,
  known: Known,
  signal: AbortSignal,
): Promise<RightCheck> {
  const { permission, scope } = right
  if (known.scopes?.includes(scope) === false) return hiddenBy(permission, scope)
  const byRole = known.roles === undefined ? undefined : judgeRoles(known.roles, roles)
  if (byRole === 'missing') return missingCheck(permission, roleGrantedUnder)
  const linked = link && known.mayRead ? await isLinked(deps, link, signal) : undefined
  if (linked === false) return missingCheck(permission, roleGrantedUnder)
  if (linked === true) return grantedCheck(permission)
  if (byRole === 'granted') return grantedCheck(permission)
  return unprovable(permission, whyUnprovable(link, known))
}

/** What the standard roles tell; nothing where a custom role may hold the permission or not. */
function judgeRoles(
  held: readonly OktaRole[],
  sufficient: readonly string[],
): 'granted' | 'missing' | undefined {
  if (held.some(({ type }) => sufficient.includes(type))) return 'granted'
  return held.some(({ type }) => type === 'CUSTOM') ? undefined : 'missing'
}

function whyUnprovable(link: ChangeRight['link'], { mayRead, roles }: Known): string {
  if (!mayRead) return 'people can not be read'
  if (link === undefined) return 'Okta shows this right nowhere'
  if (roles === undefined) return 'who holds a role can not be read, and nobody shows this right'
  return `nobody without a role is ${link.status} at the moment`
}

function grantedCheck(right: string): RightCheck {
  return { right, status: 'granted', grantedBy: undefined }
}

function missingCheck(right: string, where: string): RightCheck {
  return { right, status: 'missing', grantedBy: superAdministrator, where }
}

function unprovable(right: string, where: string): RightCheck {
  return { right, status: 'not_provable', grantedBy: superAdministrator, where }
}

function hiddenBy(permission: string, scope: string): RightCheck {
  return unprovable(permission, `the scope ${scope} is missing`)
}
