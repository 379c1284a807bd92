import { stamp } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { type Caller, may } from '#src/sandbox/okta/rights.ts'
import { type LifecycleOperation, operationPermissions, statusTable } from '#src/sandbox/okta/statuses.ts'
import type { Person, World } from '#src/sandbox/okta/world.ts'

/** What a caller asked to be left out, in the `okta-response` part of its Content-Type. */
export interface Omissions {
  readonly credentials: boolean
  readonly credentialsLinks: boolean
  readonly transitioningToStatus: boolean
}

/** Reads `application/json; okta-response="omitCredentials,…"`. */
export function omissionsOf(contentType: string | undefined): Omissions {
  const asked = /okta-response="?([^";]*)/.exec(contentType ?? '')?.[1] ?? ''
  const words = asked.split(',').map((word) => word.trim())
  return {
    credentials: words.includes('omitCredentials'),
    credentialsLinks: words.includes('omitCredentialsLinks'),
    transitioningToStatus: words.includes('omitTransitioningToStatus'),
  }
}

/** A person as lists show them: only the `self` link. */
export function listedUser(world: World, person: Person, omit: Omissions): Readonly<Record<string, unknown>> {
  return {
    id: person.id,
    status: person.status,
    created: stamp(person.createdAt),
    activated: stamp(person.activatedAt),
    statusChanged: stamp(person.statusChangedAt),
    lastLogin: stamp(person.lastLoginAt),
    lastUpdated: stamp(person.lastUpdatedAt),
    passwordChanged: stamp(person.passwordChangedAt),
    type: { id: 'oty2di92xFgQTiKEJ1d6' },
    profile: { mobilePhone: null, secondEmail: null, ...person.profile },
    ...(!omit.credentials && { credentials: credentials(person) }),
    ...(person.transition !== undefined &&
      !omit.transitioningToStatus && { transitioningToStatus: person.transition.to }),
    _links: { self: { href: hrefOf(world, person) } },
  }
}

/** A person read alone: with the links that their status and the caller's rights allow. */
export function singleUser(
  world: World,
  caller: Caller,
  person: Person,
  omit: Omissions,
): Readonly<Record<string, unknown>> {
  return { ...listedUser(world, person, omit), _links: linksOf(world, caller, person, omit) }
}

function credentials(person: Person): unknown {
  const { provider, password } = person
  return {
    ...(password !== undefined && { password: {} }),
    emails: [{ value: person.profile['email'], status: 'VERIFIED', type: 'PRIMARY' }],
    provider: { type: provider.type, name: provider.name },
  }
}

const operationLinks: readonly (readonly [link: string, operation: LifecycleOperation])[] = [
  ['suspend', 'suspend'],
  ['unsuspend', 'unsuspend'],
  ['deactivate', 'deactivate'],
  ['activate', 'activate'],
  ['reactivate', 'reactivate'],
  ['unlock', 'unlock'],
  ['expirePassword', 'expire_password'],
  ['resetPassword', 'reset_password'],
]
const credentialsLinks: ReadonlySet<string> = new Set(['resetPassword', 'unlock'])

function linksOf(world: World, caller: Caller, person: Person, omit: Omissions): Record<string, unknown> {
  const href = hrefOf(world, person)
  const allowed = operationLinks.filter(
    ([link, operation]) =>
      statusTable[operation][person.status] === 'yes' &&
      person.transition === undefined &&
      !(omit.credentialsLinks && credentialsLinks.has(link)) &&
      may(world, caller.rights, operationPermissions[operation], person),
  )
  return {
    self: { href },
    schema: { href: `${world.url}/api/v1/meta/schemas/user/osc2di92xFgQTiKEJ1d6` },
    type: { href: `${world.url}/api/v1/meta/types/user/oty2di92xFgQTiKEJ1d6` },
    ...Object.fromEntries(
      allowed.map(([link, operation]) => [link, { href: `${href}/lifecycle/${operation}`, method: 'POST' }]),
    ),
  }
}

function hrefOf(world: World, person: Person): string {
  return `${world.url}/api/v1/users/${person.id}`
}
