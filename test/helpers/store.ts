import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, inject } from 'vitest'
import { openStore, type Dialect, type Store } from '#db/store.ts'
import { databaseUrl, onServer } from '#test/helpers/postgres.ts'

/** Makes empty databases for tests. What it opened is closed and removed after each test. */
export interface TestDatabases {
  readonly dialect: Dialect
  /** The address of a new, empty database. */
  newUrl(): Promise<string>
  /** Opens a store on the address; several on one address are replicas. */
  openUrl(url: string): Promise<Store>
}

/** Opens a store on a new, empty database. */
export type OpenStore = () => Promise<Store>

/** Runs the tests once on each engine; every `open()` gives a store of its own. */
export function describeOnBothEngines(
  name: string,
  tests: (open: OpenStore, databases: TestDatabases) => void,
): void {
  describe(`${name} on SQLite`, () => {
    run('sqlite', newSqliteFile, tests)
  })
  const server = inject('postgresUrl')
  // The test run says why when there is no server.
  describe.skipIf(server === '')(`${name} on PostgreSQL`, () => {
    run('postgres', () => newDatabase(server), tests)
  })
}

interface Made {
  readonly url: string
  remove(): Promise<void>
}

function run(
  dialect: Dialect,
  make: () => Promise<Made>,
  tests: (open: OpenStore, databases: TestDatabases) => void,
): void {
  const stores: Store[] = []
  const made: Made[] = []
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close().catch(() => {})))
    await Promise.all(made.splice(0).map((one) => one.remove()))
  })
  const newUrl = async (): Promise<string> => {
    const one = await make()
    made.push(one)
    return one.url
  }
  const openUrl = async (url: string): Promise<Store> => {
    const store = await openStore(url)
    stores.push(store)
    return store
  }
  tests(async () => openUrl(dialect === 'sqlite' ? 'sqlite::memory:' : await newUrl()), {
    dialect,
    newUrl,
    openUrl,
  })
}

async function newSqliteFile(): Promise<Made> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-test-'))
  return {
    url: `sqlite:${join(folder, 'test.db')}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function newDatabase(server: string): Promise<Made> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `CREATE DATABASE ${name}`)
  return {
    url: databaseUrl(server, name),
    remove: () => onServer(server, `DROP DATABASE ${name} WITH (FORCE)`),
  }
}
