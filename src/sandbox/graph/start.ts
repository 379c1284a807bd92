import { answerAuthority } from '#src/sandbox/graph/authority/authority.ts'
import { createSigningKey } from '#src/sandbox/graph/authority/issue.ts'
import { managedIdentityPath } from '#src/sandbox/graph/authority/managed-identity.ts'
import { makeAppCertificate } from '#src/sandbox/graph/certificate.ts'
import { answerGraph } from '#src/sandbox/graph/endpoints/graph.ts'
import type { App, Entra, EntraOptions, Rights } from '#src/sandbox/graph/entra.ts'
import type { Fault } from '#src/sandbox/graph/faults.ts'
import { createWorld } from '#src/sandbox/graph/new-world.ts'
import { giveRole, takeRole } from '#src/sandbox/graph/people/holdings.ts'
import { addPerson } from '#src/sandbox/graph/people/people.ts'
import { residents } from '#src/sandbox/graph/people/residents.ts'
import { effectOf } from '#src/sandbox/graph/wire/fault-effect.ts'
import { scrub } from '#src/sandbox/graph/wire/scrub.ts'
import type { World } from '#src/sandbox/graph/world.ts'
import { createFaultPlan } from '#src/sandbox/http/fault-plan.ts'
import type { Incoming } from '#src/sandbox/http/message.ts'
import { type Listening, serve } from '#src/sandbox/http/serve.ts'

export type { Entra, EntraOptions } from '#src/sandbox/graph/entra.ts'

/** Starts a stand-in of Microsoft Entra ID (token authority) and Microsoft Graph v1.0 on this machine. */
export async function startEntra(options: EntraOptions = {}): Promise<Entra> {
  const world = createWorld(options)
  const faults = createFaultPlan<Fault>()
  const key = createSigningKey()
  const latencyMs = (method: string, path: string): number => {
    const { latencyMs: latency } = world.settings
    return typeof latency === 'number' ? latency : latency(method, path)
  }
  const common = {
    ...{ tls: options.tls, faults, now: world.now, latencyMs, scrub },
    effectOf: (fault: Fault, request: Incoming) => effectOf(fault, request, world.now()),
  }
  const graph = await serve({
    ...common,
    port: options.graphPort,
    calls: world.calls,
    answer: (request) => answerGraph(world, request),
  })
  const authority = await serve({
    ...common,
    port: options.authorityPort,
    calls: world.authorityCalls,
    answer: (request) => answerAuthority(world, key, request),
  })
  world.graphUrl = graph.url
  world.authorityUrl = authority.url
  for (const person of options.people ?? []) addPerson(world, person)
  return {
    ...residents(world),
    ...servers(graph, authority, () => faults.clear()),
    graphUrl: graph.url,
    authorityUrl: authority.url,
    tenantId: world.tenant.id,
    app: appOf(world),
    rights: rightsOf(world),
    settings: world.settings,
    faults,
    calls: world.calls,
    authorityCalls: world.authorityCalls,
    complaints: world.complaints,
  }
}

function servers(graph: Listening, authority: Listening, calm: () => void) {
  const close = async (): Promise<void> => {
    calm()
    await Promise.all([graph.close(), authority.close()])
  }
  const one = (name: 'graph' | 'authority'): Listening => (name === 'graph' ? graph : authority)
  return {
    down: (name: 'graph' | 'authority') => one(name).close(),
    up: (name: 'graph' | 'authority') => one(name).reopen(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function appOf(world: World): App {
  const addCertificate = (pem: string): void => {
    world.app.certificates.push(pem)
  }
  return {
    clientId: world.app.clientId,
    get clientSecret() {
      return world.app.secret
    },
    principalId: world.app.principalId,
    managedIdentity: {
      endpoint: `${world.authorityUrl}${managedIdentityPath}`,
      header: world.app.identityHeader,
    },
    setSecret: (secret) => {
      world.app.secret = secret
    },
    addCertificate,
    makeCertificate: async (options = {}) => {
      const made = await makeAppCertificate(options)
      addCertificate(made.certificatePem)
      return made
    },
  }
}

function rightsOf(world: World): Rights {
  return {
    permissions: world.app.permissions,
    grant: (permission) => {
      world.app.permissions.add(permission)
    },
    revoke: (permission) => {
      world.app.permissions.delete(permission)
    },
    grantRole: (role, terms) => giveRole(world, world.app.principalId, role, terms),
    revokeRole: (role) => takeRole(world, world.app.principalId, role),
  }
}
