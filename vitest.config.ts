import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    globalSetup: ['test/global-setup.ts'],
    // Processes, not threads: better-sqlite3 and the servers that tests start belong to a process.
    pool: 'forks',
    // More would only make directory servers, databases and clocks of other tests wait for each other.
    maxWorkers: 2,
    // Bounds only end what hangs: on a busy machine the sum of a test's waits may be long, and none may fail by it.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    coverage: { provider: 'v8', include: ['src/**/*.ts', 'db/**/*.ts'] },
  },
})
