import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whileHolding } from '#src/sandbox/lock.ts'
import { mustRun } from '#src/sandbox/run.ts'

/** The names in the sandbox's Windows-like domain. */
export const sambaDomain = {
  realm: 'EXAMPLE.TEST',
  netbios: 'EXAMPLE',
  dn: 'DC=example,DC=test',
  staff: 'OU=Staff,DC=example,DC=test',
  service: 'OU=Service,DC=example,DC=test',
  groups: 'OU=Groups,DC=example,DC=test',
  administratorPassword: 'Sandbox-Adm1n!',
} as const

/**
 * Answers the folder of an empty, stopped domain that may be copied, never started. Making one takes some seconds, so
 * the first process of this user makes it and the others wait for it; it is kept between runs.
 */
export async function sambaTemplate(): Promise<string> {
  const version = (await mustRun('dpkg-query', ['-W', '-f=${Version}', 'samba-ad-dc'])).replaceAll(
    /[^\w.]/g,
    '-',
  )
  const home = join(tmpdir(), `drawbridge-samba-template-${process.getuid?.() ?? 0}`)
  await mkdir(home, { mode: 0o700, recursive: true })
  // The folder's name can be guessed: nobody else's may be used.
  const { uid, mode } = await lstat(home)
  if (uid !== process.getuid?.() || (mode & 0o77) !== 0) throw new Error(`${home} belongs to somebody else`)
  const template = join(home, version)
  return whileHolding(`samba-template-${uid}`, 120_000, async () => {
    if (!(await exists(template))) await provision(home, template)
    return template
  })
}

async function provision(home: string, template: string): Promise<void> {
  const work = await mkdtemp(join(home, 'new-'))
  const empty = join(work, 'empty.conf')
  const target = join(work, 'domain')
  await writeFile(empty, '')
  const settings = {
    configfile: empty,
    targetdir: target,
    realm: sambaDomain.realm,
    domain: sambaDomain.netbios,
    adminpass: sambaDomain.administratorPassword,
    'server-role': 'dc',
    'dns-backend': 'SAMBA_INTERNAL',
    'host-name': 'dc1',
    'host-ip': '127.0.0.10',
  }
  const extra = {
    interfaces: '127.0.0.10/8',
    'bind interfaces only': 'yes',
    'ldb:nosync': 'true',
    'posix:eadb': `${target}/private/eadb.tdb`,
  }
  const named = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const options = Object.entries(extra).map(([name, value]) => `--option=${name}=${value}`)
  await mustRun('samba-tool', ['domain', 'provision', ...named, ...options])
  await rename(target, template)
  await rm(work, { recursive: true, force: true })
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
