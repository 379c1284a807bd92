import { randomUUID } from 'node:crypto'
import type { Person, UserProperties, World } from '#src/sandbox/graph/world.ts'

/** Who joins the tenant; what is left out is made up or empty. */
export interface NewPerson extends Partial<UserProperties> {
  readonly password?: string
  /** What the on-premises directory says, of a synchronized person. */
  readonly isEnabledOnPremises?: boolean
}

const longAgo = '2024-03-01T08:00:00Z'

/** Adds a person: a member with a mailbox, or a guest with `userType: 'Guest'` and the outside address in `mail`. */
export function addPerson(world: World, person: NewPerson): Person {
  const { password = 'Winter-Storm-77', isEnabledOnPremises = true, ...given } = person
  const id = given.id ?? randomUUID()
  const isGuest = given.userType === 'Guest'
  const upn = given.userPrincipalName ?? madeUpName(world, given.mail ?? id, isGuest)
  const mail = given.mail === undefined ? upn : given.mail
  const added: Person = {
    id,
    properties: {
      ...nothing,
      externalUserState: isGuest ? 'Accepted' : null,
      displayName: upn.split('@')[0] ?? upn,
      mailNickname: (upn.split('@')[0] ?? upn).replaceAll('#', ''),
      proxyAddresses: mail === null || isGuest ? [] : [`SMTP:${mail}`],
      ...given,
      id,
      userPrincipalName: upn,
      mail,
    },
    password,
    mustChangePassword: 'no',
    revocations: 0,
    isEnabledOnPremises,
  }
  if (personByName(world, upn) !== undefined) throw new Error(`${upn} is taken`)
  world.people.set(id, added)
  return added
}

function madeUpName(world: World, mail: string, isGuest: boolean): string {
  if (!isGuest) return mail.includes('@') ? mail : `${mail}@${world.tenant.domain}`
  return `${mail.replace('@', '_')}#EXT#@${world.tenant.domain}`
}

const nothing: UserProperties = {
  id: '',
  userPrincipalName: '',
  displayName: null,
  givenName: null,
  surname: null,
  mail: null,
  mailNickname: null,
  otherMails: [],
  proxyAddresses: [],
  accountEnabled: true,
  userType: 'Member',
  externalUserState: null,
  createdDateTime: longAgo,
  department: null,
  jobTitle: null,
  employeeId: null,
  employeeType: null,
  onPremisesSyncEnabled: null,
  onPremisesImmutableId: null,
  onPremisesSecurityIdentifier: null,
  onPremisesSamAccountName: null,
  onPremisesUserPrincipalName: null,
  onPremisesDistinguishedName: null,
  onPremisesDomainName: null,
  onPremisesLastSyncDateTime: null,
  signInSessionsValidFromDateTime: longAgo,
  lastPasswordChangeDateTime: longAgo,
}

/** The person with this id or user principal name, in truth. Names are compared without case. */
export function personByName(world: Pick<World, 'people'>, name: string): Person | undefined {
  const byId = world.people.get(name.toLowerCase())
  if (byId !== undefined) return byId
  const wanted = name.toLowerCase()
  return [...world.people.values()].find((one) => one.properties.userPrincipalName.toLowerCase() === wanted)
}

/** The person, or an error for a test that names nobody. */
export function mustBePerson(world: World, name: string): Person {
  const person = personByName(world, name)
  if (person === undefined) throw new Error(`${name} is nobody of this tenant`)
  return person
}

/** What a change may touch. */
export type PersonChange = Partial<Omit<Person, 'id' | 'properties'>> & {
  readonly properties?: Partial<Omit<UserProperties, 'id'>>
}

/** Changes a person; the replicas that lag show the old one for a while. */
export function changePerson(world: World, person: Person, change: PersonChange): Person {
  const { reads, ms } = world.settings.replicaLag
  const changed = { ...person, ...change, properties: { ...person.properties, ...change.properties } }
  if (reads > 0 || ms > 0) {
    // An older state that still shows stays: replicas don't catch up half.
    const known = world.stale.get(person.id)
    const isShowing = known !== undefined && isStale(known, world.now())
    const old = isShowing ? known.person : person
    world.stale.set(person.id, { person: old, reads, until: world.now() + ms })
  }
  world.people.set(person.id, changed)
  return changed
}

/** What a read would see, without counting one. */
export function peekPerson(world: World, person: Person): Person {
  const stale = world.stale.get(person.id)
  return stale !== undefined && isStale(stale, world.now()) ? stale.person : person
}

/** What a read sees: the truth, or for a while after a change what was. Counts the read. */
export function readPerson(world: World, person: Person): Person {
  const stale = world.stale.get(person.id)
  if (stale === undefined) return person
  if (!isStale(stale, world.now())) {
    world.stale.delete(person.id)
    return person
  }
  stale.reads = Math.max(0, stale.reads - 1)
  return stale.person
}

function isStale(stale: { readonly reads: number; readonly until: number }, now: number): boolean {
  return stale.reads > 0 || now < stale.until
}

/** A moment as Graph writes it. */
export function isoSeconds(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`
}
