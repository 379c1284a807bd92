import { constants } from 'node:fs'
import { access, open, rm } from 'node:fs/promises'
import { sandboxEnvironment } from '#src/sandbox/environment.ts'
import { whileHolding } from '#src/sandbox/lock.ts'
import { run } from '#src/sandbox/run.ts'

/** Which of the wanted packages can be used. `reason` says why the missing ones could not be installed. */
export interface PackageReport {
  readonly available: readonly string[]
  readonly missing: readonly string[]
  readonly reason: string | undefined
}

/** The packages behind each directory server. */
export const slapdPackages = ['slapd', 'ldap-utils', 'openssl'] as const
export const sambaPackages = ['samba-ad-dc', 'samba-ad-provision', 'openssl'] as const
/** The reverse proxies of the tests of protected hosts. */
export const proxyPackages = ['nginx', 'openssl'] as const
export const caddyPackages = ['caddy', 'openssl'] as const
/** A relying party that nobody here wrote; without the package that would start Apache as a service. */
export const relyingPartyPackages = ['apache2-bin', 'libapache2-mod-auth-openidc'] as const

const servicePolicy = '/usr/sbin/policy-rc.d'
const patience = ['-o', 'DPkg::Lock::Timeout=300']

/**
 * Installs the Debian packages that are missing: as root, on Debian or Ubuntu, unless `DRAWBRIDGE_NO_INSTALL=1`.
 * The list is printed before anything happens, and the packages' own services are not started. Several processes may
 * call it at the same time: they take turns, and wait for apt's own lock. Never throws: what is still missing is in the report.
 */
export async function ensurePackages(
  names: readonly string[],
  print: (line: string) => void = (line) => void process.stderr.write(`${line}\n`),
): Promise<PackageReport> {
  const before = await packageReport(names)
  if (before.missing.length === 0) return before
  const obstacle = await whyNot()
  if (obstacle !== undefined) return { ...before, reason: obstacle }
  return whileHolding('packages', 900_000, async () => {
    const still = await packageReport(names)
    if (still.missing.length === 0) return still
    print(`Installing Debian packages: ${still.missing.join(', ')} (DRAWBRIDGE_NO_INSTALL=1 forbids it)`)
    const failure = await withoutServices(() => install(still.missing))
    return { ...(await packageReport(names)), reason: failure }
  })
}

/** Which of the packages are installed; changes nothing. */
export async function packageReport(names: readonly string[]): Promise<PackageReport> {
  const states = await Promise.all(names.map(async (name) => ({ name, there: await isInstalled(name) })))
  return {
    available: states.filter((one) => one.there).map((one) => one.name),
    missing: states.filter((one) => !one.there).map((one) => one.name),
    reason: undefined,
  }
}

async function isInstalled(name: string): Promise<boolean> {
  const { code, output } = await run('dpkg-query', ['-W', '-f=${Status}', name])
  return code === 0 && output.includes('ok installed')
}

async function whyNot(): Promise<string | undefined> {
  if (!sandboxEnvironment().mayInstall) return 'DRAWBRIDGE_NO_INSTALL=1 forbids installing packages'
  if (process.getuid?.() !== 0) return 'only root can install packages'
  const apt = await access('/usr/bin/apt-get', constants.X_OK).then(
    () => true,
    () => false,
  )
  return apt ? undefined : 'this machine has no apt-get'
}

/** Answers a reason, or nothing when all went well. The package lists are fetched only when they don't know a name. */
async function install(names: readonly string[]): Promise<string | undefined> {
  const first = await aptInstall(names)
  if (first.code === 0) return undefined
  const update = await run('apt-get', ['update', '-q', ...patience], { timeoutMs: 300_000 })
  if (update.code !== 0) return `apt-get update failed: ${lastLine(update.output)}`
  const second = await aptInstall(names)
  return second.code === 0 ? undefined : `apt-get install failed: ${lastLine(second.output)}`
}

function aptInstall(names: readonly string[]): Promise<{ code: number; output: string }> {
  const args = ['install', '-y', '-q', '--no-install-recommends', ...patience, ...names]
  const env = { DEBIAN_FRONTEND: 'noninteractive', SLAPD_NO_START: '1' }
  return run('apt-get', args, { env, timeoutMs: 600_000 })
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? ''
}

/**
 * While `work` runs, Debian's maintainer scripts are told not to start services (exit 101 of policy-rc.d). A policy
 * that is there already is left alone: it is somebody's decision.
 */
async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  const file = await open(servicePolicy, 'wx', 0o755).catch(() => undefined)
  if (file === undefined) return work()
  try {
    await file.writeFile('#!/bin/sh\nexit 101\n')
    await file.close()
    return await work()
  } finally {
    await rm(servicePolicy, { force: true })
  }
}
