import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CertificateKind, createAuthority } from '#src/sandbox/directories/certificates.ts'
import type { DirectoryGroup, DirectoryPerson } from '#src/sandbox/directories/people.ts'
import { freePorts, startServerProcess } from '#src/sandbox/directories/server-process.ts'
import { type SlapdConfig, slapdConfigLdif, slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { slapdDataLdif } from '#src/sandbox/directories/slapd-data.ts'
import { mustRun } from '#src/sandbox/run.ts'
import type { DirectoryServer } from '#src/sandbox/directories/server.ts'

/** What a slapd is started with; everything has a usual value. */
export interface SlapdOptions extends Partial<
  Pick<
    SlapdConfig,
    'policy' | 'mustChange' | 'saysLocked' | 'rights' | 'hidden' | 'idleTimeoutS' | 'offers' | 'ownRules'
  >
> {
  readonly people?: readonly DirectoryPerson[]
  readonly groups?: readonly DirectoryGroup[]
  readonly certificate?: CertificateKind
}

/** A running OpenLDAP server with its own authority and data. */
export interface Slapd extends DirectoryServer {
  readonly port: number
  readonly tlsPort: number
}

const passwords = { admin: 'sandbox-admin-password', service: 'sandbox-service-password' } as const

/**
 * Starts a real slapd on free ports of 127.0.0.1, reachable as `localhost` too. Its service account has exactly the
 * rights of docs/connectors/openldap.md. Throws with slapd's words when it does not start.
 */
export async function startSlapd(options: SlapdOptions = {}): Promise<Slapd> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-slapd-'))
  try {
    return await startIn(folder, options)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function startIn(folder: string, options: SlapdOptions): Promise<Slapd> {
  const { policy = 'enforced', certificate = 'good', people = [], groups = [], offers = [] } = options
  const { mustChange = true } = options
  const authority = await createAuthority(folder)
  const issued = await authority.issue(certificate, { names: ['localhost'], addresses: ['127.0.0.1'] })
  await mkdir(join(folder, 'config'))
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'root-dse.ldif'), rootDse(offers))
  const config = slapdConfigLdif({
    folder,
    policy,
    offers,
    adminPassword: passwords.admin,
    saysLocked: options.saysLocked ?? false,
    rights: options.rights ?? 'documented',
    hidden: options.hidden ?? [],
    mustChange,
    idleTimeoutS: options.idleTimeoutS ?? 0,
    ownRules: options.ownRules ?? [],
    certificate: { ...issued, caFile: authority.caFile },
  })
  await add(folder, 0, config)
  await add(
    folder,
    1,
    slapdDataLdif({ people, groups, policy, mustChange, servicePassword: passwords.service }),
  )
  return listen(folder, authority)
}

function rootDse(offers: readonly string[]): string {
  return ['dn:', ...offers.map((name) => `supportedSASLMechanisms: ${name}`), ''].join('\n')
}

async function add(folder: string, database: number, ldif: string): Promise<void> {
  const file = join(folder, `database-${database}.ldif`)
  await writeFile(file, ldif)
  await mustRun('slapadd', ['-q', '-n', String(database), '-F', join(folder, 'config'), '-l', file])
}

async function listen(folder: string, authority: { caFile: string; strangerCaFile: string }): Promise<Slapd> {
  const [port = 0, tlsPort = 0] = await freePorts(2)
  const addresses = { ldapUrl: `ldap://127.0.0.1:${port}`, ldapsUrl: `ldaps://127.0.0.1:${tlsPort}` }
  const start = () =>
    startServerProcess({
      program: 'slapd',
      args: ['-d', '0', '-h', `${addresses.ldapUrl} ${addresses.ldapsUrl}`, '-F', join(folder, 'config')],
      ready: { host: '127.0.0.1', ports: [port, tlsPort] },
    })
  let server = await start()
  return {
    ...addresses,
    port,
    tlsPort,
    get pid() {
      return server.pid
    },
    caFile: authority.caFile,
    strangerCaFile: authority.strangerCaFile,
    baseDn: slapdTree.people,
    service: { dn: slapdTree.service, password: passwords.service },
    admin: {
      url: addresses.ldapsUrl,
      caFile: authority.caFile,
      dn: slapdTree.admin,
      password: passwords.admin,
    },
    stop: async () => {
      await server[Symbol.asyncDispose]()
    },
    restart: async () => {
      await server[Symbol.asyncDispose]()
      server = await start()
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
