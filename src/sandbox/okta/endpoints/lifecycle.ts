import { empty, type Endpoint, type OktaRequest, type Reply } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { omissionsOf, singleUser } from '#src/sandbox/okta/endpoints/user-body.ts'
import { OktaRefusal } from '#src/sandbox/okta/errors.ts'
import { change, personByName } from '#src/sandbox/okta/people.ts'
import { must } from '#src/sandbox/okta/rights.ts'
import { type LifecycleOperation, operationPermissions, statusTable } from '#src/sandbox/okta/statuses.ts'
import type { Person, TransitionTarget, World } from '#src/sandbox/okta/world.ts'

type Operate = (request: OktaRequest, person: Person) => Reply

const isDirectory = (person: Person): boolean =>
  person.provider.type === 'ACTIVE_DIRECTORY' || person.provider.type === 'LDAP'
const isElsewhere = (person: Person): boolean =>
  person.provider.type === 'FEDERATION' || person.provider.type === 'SOCIAL'

/** What each operation does once role and status allow it. */
const operations: Readonly<Record<LifecycleOperation, Operate>> = {
  // Okta's own sessions end with it; tokens that were given out live on.
  suspend: ({ world }, person) => {
    change(world, person.id, { status: 'SUSPENDED', sessions: [] })
    return empty(world)
  },
  unsuspend: ({ world }, person) => {
    change(world, person.id, { status: 'ACTIVE' })
    return empty(world)
  },
  deactivate: (request, person) => {
    const { world, headers } = request
    change(world, person.id, { sessions: [], oauthTokens: [], applications: [], password: undefined })
    arrive(world, person.id, 'DEPROVISIONED', headers['prefer'] === 'respond-async')
    return empty(world)
  },
  activate: (request, person) => {
    const { world } = request
    // Who has no password yet must come through the link first; passwords of directories are not kept here.
    const to = person.password === undefined && !isDirectory(person) && !isElsewhere(person)
    const linkToken = world.ids.secret()
    change(world, person.id, { activatedAt: world.now(), linkToken })
    arrive(world, person.id, to ? 'PROVISIONED' : 'ACTIVE', false)
    return activation(request, linkToken, true)
  },
  reactivate: (request, person) => {
    const linkToken = request.world.ids.secret()
    change(request.world, person.id, { linkToken })
    return activation(request, linkToken, false)
  },
  unlock: ({ world }, person) => {
    change(world, person.id, { status: 'ACTIVE', blocked: undefined, unlockedAt: world.now() })
    return empty(world)
  },
  expire_password: (request, person) => {
    const { world, caller, headers } = request
    passwordsHere(world, person)
    const after = change(world, person.id, { status: 'PASSWORD_EXPIRED', passwordExpired: true })
    return { status: 200, body: singleUser(world, caller, after, omissionsOf(headers['content-type'])) }
  },
  expire_password_with_temp_password: ({ world, query }, person) => {
    passwordsHere(world, person)
    const password = world.ids.secret()
    const ended = query.get('revokeSessions') === 'true' ? { sessions: [] } : {}
    change(world, person.id, { status: 'PASSWORD_EXPIRED', passwordExpired: true, password, ...ended })
    return { status: 200, body: { tempPassword: password } }
  },
  reset_password: ({ world, query }, person) => {
    passwordsHere(world, person)
    const linkToken = world.ids.secret()
    const ended = query.get('revokeSessions') === 'true' ? { sessions: [] } : {}
    change(world, person.id, { status: 'RECOVERY', linkToken, ...ended })
    if (query.get('sendEmail') === 'true') return { status: 200, body: {} }
    return { status: 200, body: { resetPasswordUrl: `${world.url}/signin/reset-password/${linkToken}` } }
  },
}

function activation({ world, query }: OktaRequest, token: string, mailsByDefault: boolean): Reply {
  const mails = query.get('sendEmail') ?? String(mailsByDefault)
  if (mails === 'true') return { status: 200, body: {} }
  const activationUrl = `${world.url}/welcome/${token}`
  return { status: 200, body: { activationUrl, activationToken: token } }
}

function arrive(world: World, id: string, to: TransitionTarget, isAsked: boolean): void {
  const how = isAsked && world.settings.transitions === 'immediate' ? 'one_read' : world.settings.transitions
  switch (how) {
    case 'immediate':
      change(world, id, { status: to })
      return
    case 'one_read':
      change(world, id, { transition: { to, reads: 1 } })
      return
    case 'held':
      change(world, id, { transition: { to, reads: undefined } })
  }
}

// A directory's passwords are changed by its agent, an identity provider's not at all.
function passwordsHere(world: World, person: Person): void {
  if (isElsewhere(person)) throw new OktaRefusal('E0000014')
  if (!isDirectory(person)) return
  if (world.settings.directoryAgents === 'none') throw new OktaRefusal('E0000236')
  if (world.settings.directoryAgents === 'silent') throw new OktaRefusal('E0000237')
}

function operate(operation: LifecycleOperation, request: OktaRequest): Reply {
  const { world, caller, params } = request
  const person = personByName(world, params['id'] ?? '')
  must(world, caller, operationPermissions[operation], person)
  // Nothing says with which code; any change is refused while another is under way.
  if (person.transition !== undefined)
    throw new OktaRefusal('E0000001', [`the user is in transition to ${person.transition.to}`])
  const verdict = statusTable[operation][person.status]
  const isDeviceUnlock =
    operation === 'unlock' && person.status === 'ACTIVE' && person.blocked === 'UNKNOWN_DEVICES'
  if (verdict !== 'yes' && !isDeviceUnlock)
    throw new OktaRefusal(verdict, verdict === 'E0000001' ? [reasons[operation]] : [])
  if (operation === 'unlock' && isDirectory(person)) throw new OktaRefusal('E0000032')
  return operations[operation](request, person)
}

const reasons: Readonly<Record<LifecycleOperation, string>> = {
  suspend: 'Cannot suspend a user that is not active',
  unsuspend: 'Cannot unsuspend a user that is not suspended',
  deactivate: 'Cannot deactivate a user that is deactivated',
  activate: 'Cannot activate a user in this status',
  reactivate: 'Cannot reactivate a user in this status',
  unlock: 'Cannot unlock a user in this status',
  expire_password: 'Cannot expire the password in this status',
  expire_password_with_temp_password: 'Cannot expire the password in this status',
  reset_password: 'Cannot reset the password in this status',
}

function endpoint(operation: LifecycleOperation, query: Endpoint['query'] = {}): Endpoint {
  return {
    method: 'POST',
    path: `/api/v1/users/{id}/lifecycle/${operation}`,
    scope: 'okta.users.manage',
    bucket: '/api/v1/users/{id}/lifecycle',
    query,
    handle: (request) => operate(operation, request),
  }
}

/** Changes of status. */
export const lifecycleEndpoints: readonly Endpoint[] = [
  endpoint('suspend'),
  endpoint('unsuspend'),
  endpoint('deactivate', { sendEmail: { type: 'boolean' } }),
  endpoint('activate', { sendEmail: { type: 'boolean' } }),
  endpoint('reactivate', { sendEmail: { type: 'boolean' } }),
  endpoint('unlock'),
  endpoint('expire_password'),
  endpoint('expire_password_with_temp_password', { revokeSessions: { type: 'boolean' } }),
  endpoint('reset_password', {
    sendEmail: { type: 'boolean', required: true },
    revokeSessions: { type: 'boolean' },
  }),
]
