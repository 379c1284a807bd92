import type { TestProject } from 'vitest/node'
import { startPostgres } from '#test/helpers/postgres.ts'

/** Starts what all test files share, once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres()
  project.provide('postgresUrl', postgres?.url ?? '')
  return async () => postgres?.stop()
}
