import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mustRun } from '#src/sandbox/run.ts'

/** What a server's certificate says: the right name, another host's, or the right name but long over. */
export type CertificateKind = 'good' | 'wrong_name' | 'expired'

/** A certificate authority in a folder, and the files that clients and servers need. */
export interface Authority {
  /** PEM of the authority itself: what `ca_file` points at. */
  readonly caFile: string
  /** PEM of another authority that signed nothing here: the wrong `ca_file`. */
  readonly strangerCaFile: string
  /** Makes a server certificate for these hosts; readable by its owner only. */
  issue(kind: CertificateKind, hosts: CertificateHosts): Promise<ServerCertificate>
}

/** Names and addresses that a certificate is for. */
export interface CertificateHosts {
  readonly names: readonly string[]
  readonly addresses: readonly string[]
}

/** A server's key pair as PEM files. */
export interface ServerCertificate {
  readonly certificateFile: string
  readonly keyFile: string
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** Makes a new authority for tests and the sandbox in `folder`, valid for 30 days. Needs the openssl program. */
export async function createAuthority(folder: string): Promise<Authority> {
  const caFile = await selfSigned(folder, 'ca')
  const strangerCaFile = await selfSigned(folder, 'stranger')
  return { caFile, strangerCaFile, issue: (kind, hosts) => issue(folder, kind, hosts) }
}

async function selfSigned(folder: string, name: string): Promise<string> {
  const file = join(folder, `${name}.pem`)
  const files = ['-keyout', join(folder, `${name}.key`), '-out', file]
  await mustRun('openssl', [
    'req',
    '-x509',
    ...curve,
    ...files,
    '-subj',
    `/CN=Sandbox ${name}`,
    '-days',
    '30',
  ])
  return file
}

async function issue(
  folder: string,
  kind: CertificateKind,
  hosts: CertificateHosts,
): Promise<ServerCertificate> {
  const certificateFile = join(folder, `${kind}.pem`)
  const keyFile = join(folder, `${kind}.key`)
  const request = join(folder, `${kind}.csr`)
  const extensions = join(folder, `${kind}.ext`)
  const { names, addresses } =
    kind === 'wrong_name' ? { names: ['elsewhere.example.test'], addresses: ['192.0.2.1'] } : hosts
  const alternatives = [...names.map((name) => `DNS:${name}`), ...addresses.map((ip) => `IP:${ip}`)]
  await writeFile(extensions, `subjectAltName=${alternatives.join(',')}\n`)
  await mustRun('openssl', [
    'req',
    '-new',
    ...curve,
    '-keyout',
    keyFile,
    '-out',
    request,
    '-subj',
    '/CN=Sandbox',
  ])
  const signer = ['-CA', join(folder, 'ca.pem'), '-CAkey', join(folder, 'ca.key'), '-CAcreateserial']
  const days = kind === 'expired' ? '-1' : '30' // minus one: it ended a day before it began
  const made = ['-days', days, '-extfile', extensions, '-out', certificateFile]
  await mustRun('openssl', ['x509', '-req', '-in', request, ...signer, ...made])
  return { certificateFile, keyFile }
}
