import type { TestProject } from 'vitest/node'
import { sandboxEnvironment } from '#src/sandbox/environment.ts'
import {
  caddyPackages,
  ensurePackages,
  proxyPackages,
  relyingPartyPackages,
  sambaPackages,
  slapdPackages,
} from '#src/sandbox/packages.ts'
import { startPostgres } from '#test/helpers/postgres.ts'

/**
 * Prepares once what all test files share: the Debian packages of directory servers and proxies (what will be installed is printed
 * first) and a private PostgreSQL. What cannot be had is said; on a build server (`CI=true`) it is a failure.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { missing, reason } = await ensurePackages([
    ...new Set([
      ...slapdPackages,
      ...sambaPackages,
      ...proxyPackages,
      ...caddyPackages,
      ...relyingPartyPackages,
    ]),
  ])
  if (missing.length > 0) {
    const message = `Tests against real directories need ${missing.join(', ')}: ${reason ?? 'unknown reason'}`
    if (sandboxEnvironment().onBuildServer) throw new Error(message)
    process.stderr.write(`\n*** ${message} ***\n\n`)
  }
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres?.url ?? '')
  return async () => postgres?.stop()
}
