import { change, keep } from '#src/sandbox/okta/people.ts'
import type {
  Group,
  OktaRoleType,
  OktaStatus,
  Person,
  PersonToken,
  Provider,
  RoleAssignment,
  TransitionTarget,
  World,
} from '#src/sandbox/okta/world.ts'

/** A person as a test or a script wants one; what is left out is usual. */
export interface NewPerson {
  /** Usually the e-mail. */
  readonly login: string
  readonly email?: string
  readonly displayName?: string
  readonly password?: string
  readonly status?: OktaStatus
  /** More of the profile: `firstName`, `secondEmail`, `employeeNumber`, … */
  readonly profile?: Readonly<Record<string, string>>
  readonly provider?: Provider
  /** Ids of groups. */
  readonly groups?: readonly string[]
  readonly roles?: readonly OktaRoleType[]
  readonly inactiveRoles?: readonly OktaRoleType[]
  /** A slow change under way; `reads`: how many reads by id still show it. */
  readonly transition?: { readonly to: TransitionTarget; readonly reads?: number }
}

/** A role as it is given to somebody. */
export function roleOf(
  world: World,
  type: OktaRoleType,
  status: RoleAssignment['status'] = 'ACTIVE',
): RoleAssignment {
  const words = type.toLowerCase().split('_')
  const label = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join(' ')
  return { id: world.ids.id('ra1'), type, label, status }
}

/** Adds a person with a session, a token, a remembered device and an application, where the status allows them. */
export function addPerson(world: World, wish: NewPerson, id = world.ids.id('00u')): Person {
  const { login, email = login, displayName, status = 'ACTIVE', transition } = wish
  const at = world.now()
  const begun = status !== 'STAGED'
  const [name = ''] = login.split('@')
  return keep(world, {
    id,
    profile: {
      ...namesOf(displayName ?? name),
      ...(displayName !== undefined && { displayName }),
      login,
      email,
      ...wish.profile,
    },
    status,
    transition: transition === undefined ? undefined : { to: transition.to, reads: transition.reads },
    provider: wish.provider ?? { type: 'OKTA', name: 'OKTA' },
    groups: wish.groups ?? [],
    roles: [
      ...(wish.roles ?? []).map((type) => roleOf(world, type)),
      ...(wish.inactiveRoles ?? []).map((type) => roleOf(world, type, 'INACTIVE')),
    ],
    password: begun && status !== 'PROVISIONED' ? (wish.password ?? world.ids.secret()) : undefined,
    passwordExpired: status === 'PASSWORD_EXPIRED',
    sessions: begun ? [world.ids.secret()] : [],
    appSessions: begun ? [world.ids.secret()] : [],
    oauthTokens: begun ? [tokenOf(world)] : [],
    devicesRemembered: begun,
    blocked: undefined,
    applications: begun ? [world.ids.id('0oa')] : [],
    linkToken: status === 'PROVISIONED' || status === 'RECOVERY' ? world.ids.secret() : undefined,
    createdAt: at,
    activatedAt: begun ? at : undefined,
    statusChangedAt: at,
    lastLoginAt: undefined,
    lastUpdatedAt: at,
    passwordChangedAt: undefined,
    unlockedAt: undefined,
  })
}

function namesOf(whole: string): Readonly<Record<string, string>> {
  const [firstName = '', ...others] = whole.split(' ')
  return { firstName, lastName: others.join(' ') || 'Example' }
}

function tokenOf(world: World): PersonToken {
  return {
    id: world.ids.id('oar'),
    clientId: world.ids.id('0oa'),
    kind: 'refresh',
    madeAt: world.now(),
  }
}

/** What another administrator does to somebody. */
export interface PersonChange {
  readonly status?: OktaStatus
  readonly profile?: Readonly<Record<string, string>>
  readonly roles?: readonly OktaRoleType[]
  readonly groups?: readonly string[]
}

/** The person with this id, or else this login. Throws when there is none. */
export function mustBePerson(world: World, name: string): Person {
  const people = [...world.people.values()]
  const person = world.people.get(name) ?? people.find(({ profile }) => profile['login'] === name)
  if (person === undefined) throw new Error(`${name} is nobody of this org`)
  return person
}

/** Changes a person as another administrator would. */
export function changePerson(world: World, { id }: Person, wish: PersonChange): Person {
  const { status, profile, roles, groups } = wish
  return change(world, id, {
    ...(status !== undefined && { status }),
    ...(groups !== undefined && { groups }),
    ...(roles !== undefined && { roles: roles.map((type) => roleOf(world, type)) }),
    ...(profile !== undefined && { profile: { ...world.people.get(id)?.profile, ...profile } }),
  })
}

/** Adds a group; its roles are those of its members. */
export function addGroup(world: World, name: string, roles: readonly OktaRoleType[] = []): Group {
  const id = world.ids.id('00g')
  const group = { id, name, roles: roles.map((type) => roleOf(world, type)), createdAt: world.now() }
  world.groups.set(id, group)
  return group
}

/** How a sign-in with a password ends. */
export type SignIn =
  | { readonly kind: 'signed_in' }
  | { readonly kind: 'must_change_password' }
  | { readonly kind: 'refused' }

/** Somebody types login and password. Who is suspended, gone, locked out or never activated is refused. */
export function signIn(world: World, login: string, password: string): SignIn {
  const person = [...world.people.values()].find(({ profile }) => profile['login'] === login)
  if (person === undefined || person.password !== password) return { kind: 'refused' }
  if (person.status === 'PASSWORD_EXPIRED') return { kind: 'must_change_password' }
  if (person.status !== 'ACTIVE') return { kind: 'refused' }
  change(world, person.id, { sessions: [...person.sessions, world.ids.secret()] })
  return { kind: 'signed_in' }
}
