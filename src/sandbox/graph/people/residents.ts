import type { Entra } from '#src/sandbox/graph/entra.ts'
import { addGroup, addUnit, giveRole, takeRole } from '#src/sandbox/graph/people/holdings.ts'
import { addPerson, changePerson, mustBePerson } from '#src/sandbox/graph/people/people.ts'
import { choosePassword, openSession, signIn, synchronize } from '#src/sandbox/graph/people/sessions.ts'
import type { World } from '#src/sandbox/graph/world.ts'

/** What others do in the tenant, and what a test may look at. */
type Residents = Pick<
  Entra,
  | 'addPerson'
  | 'person'
  | 'changePerson'
  | 'setEnabled'
  | 'removePerson'
  | 'addGroup'
  | 'addUnit'
  | 'giveRole'
  | 'takeRole'
  | 'openSession'
  | 'signIn'
  | 'choosePassword'
  | 'synchronize'
  | 'revokeTokens'
  | 'holdIndex'
  | 'releaseIndex'
>

/** The people, groups, units and roles of a tenant, to be changed by hand. */
export function residents(world: World): Residents {
  return {
    addPerson: (person) => addPerson(world, person),
    person: (name) => mustBePerson(world, name),
    changePerson: (name, change) => changePerson(world, mustBePerson(world, name), change),
    setEnabled: (name, enabled) => {
      changePerson(world, mustBePerson(world, name), { properties: { accountEnabled: enabled } })
    },
    removePerson: (name) => {
      world.people.delete(mustBePerson(world, name).id)
    },
    addGroup: (group) => addGroup(world, group),
    addUnit: (unit) => addUnit(world, unit),
    giveRole: (principal, role, terms) => giveRole(world, principal, role, terms),
    takeRole: (principal, role) => takeRole(world, principal, role),
    openSession: (name) => openSession(world, name),
    signIn: (name, password) => signIn(world, name, password),
    choosePassword: (name, password) => choosePassword(world, name, password),
    synchronize: () => synchronize(world),
    revokeTokens: () => {
      for (const token of world.tokens.keys()) world.revokedTokens.add(token)
    },
    holdIndex: () => {
      const { people, groups, units, roles } = world
      world.index = {
        people: new Map(people),
        groups: new Map(groups),
        units: new Map(units),
        roles: new Map(roles),
      }
    },
    releaseIndex: () => {
      world.index = undefined
    },
  }
}
