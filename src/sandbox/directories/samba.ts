import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Authority,
  type CertificateKind,
  createAuthority,
} from '#src/sandbox/directories/certificates.ts'
import { holdLoopbackAddress } from '#src/sandbox/directories/loopback-address.ts'
import { type DomainData, domainService, fillList } from '#src/sandbox/directories/samba-data.ts'
import { sambaDomain, sambaTemplate } from '#src/sandbox/directories/samba-template.ts'
import { startServerProcess } from '#src/sandbox/directories/server-process.ts'
import { mustRun } from '#src/sandbox/run.ts'
import type { DirectoryServer } from '#src/sandbox/directories/server.ts'

/** What a domain controller is started with; everything has a usual value. */
export interface SambaOptions extends Partial<DomainData> {
  readonly certificate?: CertificateKind
  /** Accepts passwords without TLS, which Windows and Samba refuse by default: lets a test see inside the connection. */
  readonly allowPlain?: boolean
}

/** A running Active Directory domain controller (Samba). */
export interface Samba extends DirectoryServer {
  readonly address: string
}

const ports = { ldap: 389, ldaps: 636, globalCatalog: 3268, kerberos: 88 } as const

/**
 * Starts a real Samba domain controller on a loopback address of its own; its ports are fixed, so this needs root.
 * The service account may write only what docs/connectors/active-directory.md delegates, on the staff folder only.
 * Throws with Samba's words when it does not start.
 */
export async function startSamba(options: SambaOptions = {}): Promise<Samba> {
  const template = await sambaTemplate()
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-samba-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const held = cleanup.use(await holdLoopbackAddress(Object.values(ports)))
  await mustRun('cp', ['-a', '--reflink=auto', `${template}/.`, folder])
  const authority = await createAuthority(folder)
  const configFile = await writeConfig(folder, held.address, authority, options)
  await fill(folder, configFile, options)
  const launch = () =>
    startServerProcess({
      program: 'samba',
      args: ['-F', '--no-process-group', '--debug-stdout', '-M', 'single', '-s', configFile],
      ready: { host: held.address, ports: [ports.ldap, ports.ldaps] },
    })
  let server = await launch()
  cleanup.defer(() => server[Symbol.asyncDispose]())
  const owned = cleanup.move()
  return {
    ...connectionFacts(held.address, authority),
    get pid() {
      return server.pid
    },
    stop: async () => {
      await server[Symbol.asyncDispose]()
    },
    restart: async () => {
      await server[Symbol.asyncDispose]()
      server = await launch()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function connectionFacts(address: string, authority: Authority) {
  const ldapsUrl = `ldaps://${address}`
  const { caFile, strangerCaFile } = authority
  return {
    address,
    ldapsUrl,
    ldapUrl: `ldap://${address}`,
    caFile,
    strangerCaFile,
    baseDn: sambaDomain.dn,
    service: { dn: domainService.dn, password: domainService.password },
    admin: {
      url: ldapsUrl,
      caFile,
      dn: `CN=Administrator,CN=Users,${sambaDomain.dn}`,
      password: sambaDomain.administratorPassword,
    },
  }
}

async function fill(folder: string, configFile: string, data: Partial<DomainData>): Promise<void> {
  const script = fileURLToPath(new URL('fill-samba.py', import.meta.url))
  const database = join(folder, 'private', 'sam.ldb')
  const input = fillList(
    {
      people: data.people ?? [],
      groups: data.groups ?? [],
      computers: data.computers ?? [],
      delegated: data.delegated ?? ['userAccountControl', 'pwdLastSet'],
    },
    { configFile, database },
  )
  await mustRun('/usr/bin/python3', [script], { input })
}

async function writeConfig(
  folder: string,
  address: string,
  authority: Authority,
  options: SambaOptions,
): Promise<string> {
  const kind = options.certificate ?? 'good'
  const certificate = await authority.issue(kind, {
    names: ['localhost', 'dc1.example.test'],
    addresses: [address],
  })
  await chmod(certificate.keyFile, 0o600)
  await mkdir(join(folder, 'run'), { recursive: true })
  const file = join(folder, 'smb.conf')
  await writeFile(
    file,
    `[global]
realm = ${sambaDomain.realm}
workgroup = ${sambaDomain.netbios}
netbios name = DC1
server role = active directory domain controller
server services = ldap, kdc
interfaces = ${address}/8
bind interfaces only = yes
disable netbios = yes
ldb:nosync = true
private dir = ${folder}/private
state directory = ${folder}/state
lock directory = ${folder}
cache directory = ${folder}/cache
binddns dir = ${folder}/bind-dns
pid directory = ${folder}/run
ncalrpc dir = ${folder}/run/ncalrpc
posix:eadb = ${folder}/private/eadb.tdb
dns update command = /bin/true
spn update command = /bin/true
gpo update command = /bin/true
samba kcc command = /bin/true
tls enabled = yes
tls cafile = ${authority.caFile}
tls certfile = ${certificate.certificateFile}
tls keyfile = ${certificate.keyFile}
ldap server require strong auth = ${options.allowPlain === true ? 'no' : 'yes'}
log level = 0
`,
  )
  return file
}
