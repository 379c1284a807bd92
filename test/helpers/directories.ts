import { describe } from 'vitest'
import { sandboxEnvironment } from '#src/sandbox/environment.ts'
import { ensurePackages, sambaPackages, slapdPackages } from '#src/sandbox/packages.ts'

const servers = {
  slapd: { packages: slapdPackages, needsRoot: false },
  // Samba's ports are fixed and below 1024.
  samba: { packages: sambaPackages, needsRoot: true },
} as const

/** Why a directory server can't be started on this machine; undefined when it can. Installs it where that is allowed. */
export async function whyNoDirectory(kind: keyof typeof servers): Promise<string | undefined> {
  const { packages, needsRoot } = servers[kind]
  if (needsRoot && process.getuid?.() !== 0) return `${kind} opens ports below 1024, which needs root`
  const report = await ensurePackages(packages)
  if (report.missing.length === 0) return undefined
  return `${report.missing.join(', ')} not installed: ${report.reason ?? 'unknown reason'}`
}

/**
 * The `describe` for suites that need a real directory server. Without one it says so loudly and skips; on a build
 * server (`CI=true`) it throws instead, which fails the file.
 */
export async function describeWithDirectory(
  kind: keyof typeof servers,
): Promise<typeof describe | typeof describe.skip> {
  const reason = await whyNoDirectory(kind)
  if (reason !== undefined && sandboxEnvironment().onBuildServer)
    throw new Error(`These tests need ${kind}. ${reason}`)
  if (reason !== undefined) process.stderr.write(`\n*** SKIPPED: tests that need ${kind}. ${reason} ***\n\n`)
  return reason === undefined ? describe : describe.skip
}
