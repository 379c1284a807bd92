import type { GraphCall } from '#src/sandbox/graph/endpoints/call.ts'
import { type Caller, holds, mustHold } from '#src/sandbox/graph/endpoints/caller.ts'
import { userToChange } from '#src/sandbox/graph/endpoints/users.ts'
import { badRequest, GraphRefusal, masteredOnPremises, requestDenied } from '#src/sandbox/graph/errors.ts'
import { isRestricted, targetOf, unitsOf } from '#src/sandbox/graph/people/memberships.ts'
import { changePerson, isoSeconds, type PersonChange } from '#src/sandbox/graph/people/people.ts'
import { enoughFor } from '#src/sandbox/graph/permissions.ts'
import { directoryRoles, isOrdinary, mayActOn, type Power } from '#src/sandbox/graph/roles.ts'
import type { Reply } from '#src/sandbox/http/message.ts'
import type { Person, World } from '#src/sandbox/graph/world.ts'
import { isObject, type Json, parseJson } from '#src/sandbox/json.ts'

/** `PATCH /users/{id}`: `accountEnabled` and `passwordProfile`. */
export function patchUser(call: GraphCall): Reply {
  const { world, caller, request } = call
  const body = readBody(request.headers, request.body)
  const person = userToChange(call)
  const { accountEnabled, passwordProfile, ...rest } = body
  const [other] = Object.keys(rest)
  if (other !== undefined) throw badRequest(`Property '${other}' can not be changed in this stand-in.`)
  const enable = 'accountEnabled' in body ? enableChange(accountEnabled) : {}
  const profile = 'passwordProfile' in body ? profileChange(world, passwordProfile) : {}
  if ('accountEnabled' in body) authorizeEnable(world, caller, person)
  if ('passwordProfile' in body) authorizePassword(world, caller, person)
  changePerson(world, person, {
    ...enable,
    ...profile,
    properties: { ...enable.properties, ...profile.properties },
  })
  return { status: 204 }
}

function readBody(headers: Readonly<Record<string, string>>, text: string): Json {
  const type = headers['content-type'] ?? ''
  if (!/^application\/json\b/u.test(type))
    throw badRequest('Write requests (excluding DELETE) must contain the Content-Type header declaration.')
  const body = parseJson(text)
  if (!isObject(body)) throw badRequest('Unable to read JSON request payload.')
  if (Object.keys(body).length === 0) throw badRequest('The request holds nothing to change.')
  return body
}

function enableChange(value: unknown): PersonChange {
  if (typeof value !== 'boolean')
    throw badRequest("Invalid value specified for property 'accountEnabled' of resource 'User'.")
  return { properties: { accountEnabled: value } }
}

function profileChange(world: World, value: unknown): PersonChange {
  const wrong = badRequest("Invalid value specified for property 'passwordProfile' of resource 'User'.")
  if (!isObject(value)) throw wrong
  const {
    forceChangePasswordNextSignIn: force,
    forceChangePasswordNextSignInWithMfa: withMfa,
    password,
    ...rest
  } = value
  if (Object.keys(rest).length > 0) throw wrong
  for (const flag of [force, withMfa]) if (flag !== undefined && typeof flag !== 'boolean') throw wrong
  if (password !== undefined && (typeof password !== 'string' || password.length < 8))
    throw badRequest('The specified password does not comply with password complexity requirements.')
  const mustChangePassword = withMfa === true ? 'with_mfa' : force === true ? 'yes' : 'no'
  return {
    mustChangePassword,
    ...(password !== undefined && {
      password,
      properties: { lastPasswordChangeDateTime: isoSeconds(world.now()) },
    }),
  }
}

function authorizeEnable(world: World, caller: Caller, person: Person): void {
  const canEnable = holds(caller, enoughFor.enableDisable) && holds(caller, enoughFor.readUsers)
  if (!canEnable && !holds(caller, enoughFor.writeUsers)) throw requestDenied()
  mustReach(world, caller, person, 'sensitive')
}

function authorizePassword(world: World, caller: Caller, person: Person): void {
  const byRole = holds(caller, enoughFor.writeUsers) && holdsPower(world, caller, person, 'reset')
  if (!holds(caller, enoughFor.writePasswords) && !byRole) throw requestDenied()
  mustReach(world, caller, person, 'reset')
  if (person.properties.onPremisesSyncEnabled === true) throw masteredOnPremises()
  if (person.properties.userType === 'Guest')
    throw badRequest('The password of a guest lives in the home tenant.')
}

/** `POST /users/{id}/revokeSignInSessions`. */
export function revokeSessions(call: GraphCall): Reply {
  const { world, caller, request } = call
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (length === undefined && encoding === undefined)
    throw new GraphRefusal(411, 'Request_BadRequest', 'Length Required', { isCallersFault: true })
  if (request.body !== '' && request.body !== '{}')
    world.complaints.push('revokeSignInSessions takes no body')
  mustHold(caller, enoughFor.revokeSessions)
  const person = userToChange(call)
  if (world.settings.revokingAdminsNeedsRole) mustReach(world, caller, person, 'reset')
  changePerson(world, person, {
    revocations: person.revocations + 1,
    properties: { signInSessionsValidFromDateTime: isoSeconds(world.now()) },
  })
  if (world.settings.revokeAnswer === 'no_content') return { status: 204 }
  const head = { '@odata.context': `${world.graphUrl}/v1.0/$metadata#Edm.Boolean` }
  return { status: 200, json: world.settings.revokeAnswer === 'value' ? { ...head, value: true } : head }
}

/** Ordinary people are in reach of the permission alone; others need a directory role, restricted ones at their unit. */
function mustReach(world: World, caller: Caller, person: Person, power: Power): void {
  if (isRestricted(world, person.id)) {
    if (!reachesUnit(world, caller, person, power)) throw requestDenied()
    return
  }
  if (isOrdinary(targetOf(world, person.id)) || holdsPower(world, caller, person, power)) return
  if (world.settings.privilegedRefusal === 'denied') throw requestDenied()
  throw new GraphRefusal(400, 'Request_BadRequest', "Property 'isSipEnabled' is read-only and cannot be set.")
}

function holdsPower(world: World, caller: Caller, person: Person, power: Power): boolean {
  const roles = caller.roles.filter(({ scope }) => scope === '/').map(({ roleId }) => roleId)
  return mayActOn(roles, targetOf(world, person.id), power)
}

function reachesUnit(world: World, caller: Caller, person: Person, power: Power): boolean {
  const target = targetOf(world, person.id)
  if (target.roles.includes(directoryRoles['Global Administrator'])) return false
  const scopes = unitsOf(world, person.id)
    .filter((unit) => unit.isMemberManagementRestricted)
    .map((unit) => `/administrativeUnits/${unit.id}`)
  const roles = caller.roles.filter(({ scope }) => scopes.includes(scope)).map(({ roleId }) => roleId)
  return mayActOn(roles, target, power)
}
