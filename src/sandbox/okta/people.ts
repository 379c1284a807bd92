import { OktaRefusal } from '#src/sandbox/okta/errors.ts'
import type { Person, RoleAssignment, World } from '#src/sandbox/okta/world.ts'

/** Puts a person in place of what was known, and into the index unless that is held back. */
export function keep(world: World, person: Person): Person {
  world.people.set(person.id, person)
  if (!world.index.held) world.index.people.set(person.id, person)
  return person
}

/** Changes a person. Answers the new one. Throws when there is none with that id. */
export function change(world: World, id: string, difference: Partial<Omit<Person, 'id'>>): Person {
  const person = world.people.get(id)
  if (person === undefined) throw new Error(`${id} is nobody of this org`)
  const at = world.now()
  const moved = difference.status !== undefined && difference.status !== person.status
  return keep(world, {
    ...person,
    ...difference,
    lastUpdatedAt: at,
    ...(moved && { statusChangedAt: at }),
  })
}

/**
 * The person that a path names: by id, else by login, else by the part of a login before the @ when it fits exactly one.
 * Logins are compared without case and without diacritics. Throws E0000007.
 */
export function personByName(world: World, name: string): Person {
  const byId = world.people.get(name)
  if (byId !== undefined) return byId
  // "Logins with a `/` character can only be fetched by `id`".
  if (name.includes('/')) throw new OktaRefusal('E0000008')
  const wanted = plain(name)
  const people = [...world.people.values()]
  const byLogin = people.find((person) => plain(loginOf(person)) === wanted)
  if (byLogin !== undefined) return byLogin
  const byShort = people.filter((person) => plain(loginOf(person)).split('@')[0] === wanted)
  const [only, second] = byShort
  if (only === undefined || second !== undefined)
    throw new OktaRefusal('E0000007', [`Resource not found: ${name} (User)`])
  return only
}

/** The person with exactly this id. Throws E0000007: some endpoints take no login. */
export function personById(world: World, id: string): Person {
  const person = world.people.get(id)
  if (person === undefined) throw new OktaRefusal('E0000007', [`Resource not found: ${id} (User)`])
  return person
}

/** The sign-in name. */
export function loginOf(person: Person): string {
  return person.profile['login'] ?? ''
}

/** The roles a person holds, their own and those of their groups. */
export function rolesOf(
  world: World,
  person: Person,
): readonly { readonly role: RoleAssignment; readonly from: 'USER' | 'GROUP' }[] {
  const groups = person.groups.flatMap((id) => world.groups.get(id)?.roles ?? [])
  return [
    ...person.roles.map((role) => ({ role, from: 'USER' as const })),
    ...groups.map((role) => ({ role, from: 'GROUP' as const })),
  ]
}

/** Whether the person is an administrator of any kind. */
export function isAdmin(world: World, person: Person): boolean {
  return rolesOf(world, person).some(({ role }) => role.status === 'ACTIVE')
}

function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}
