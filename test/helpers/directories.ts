import { describe, it } from 'vitest'
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
 * A suite that needs a real directory server. Without one it says so loudly and is skipped; on a build server
 * (`CI=true`) it fails instead.
 */
export async function describeWithDirectory(
  kind: keyof typeof servers,
  name: string,
  suite: () => void,
): Promise<void> {
  const reason = await whyNoDirectory(kind)
  if (reason === undefined) {
    describe(name, suite)
    return
  }
  if (!sandboxEnvironment().onBuildServer) {
    process.stderr.write(`\n*** SKIPPED: ${name}. ${reason} ***\n\n`)
    describe.skip(`${name} (${reason})`, suite)
    return
  }
  describe(name, () => {
    it('has the directory server that it needs', () => {
      throw new Error(reason)
    })
  })
}
