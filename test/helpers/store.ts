import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, inject } from 'vitest'
import { openStore, type Dialect, type Store } from '#db/store.ts'
import { databaseUrl, onServer, templateName } from '#test/helpers/postgres.ts'

/** Makes empty databases for tests. What it opened is closed and removed after each test. */
export interface TestDatabases {
  readonly dialect: Dialect
  /** The address of a new database. `bare`: nobody has made its tables yet. */
  newUrl(bare?: 'bare'): Promise<string>
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
    run('postgres', databasesOf(server), tests)
  })
}

interface Made {
  readonly url: string
  remove(): Promise<void>
}

function run(
  dialect: Dialect,
  make: (bare?: 'bare') => Promise<Made>,
  tests: (open: OpenStore, databases: TestDatabases) => void,
): void {
  const stores: Store[] = []
  const made: Made[] = []
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close().catch(() => {})))
    await Promise.all(made.splice(0).map((one) => one.remove()))
  })
  const newUrl = async (bare?: 'bare'): Promise<string> => {
    const one = await make(bare)
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

// Making a database costs far more than emptying one, so each file makes few and uses them again.
function databasesOf(server: string): (bare?: 'bare') => Promise<Made> {
  const idle: string[] = []
  const all: string[] = []
  afterAll(async () => {
    for (const name of all) await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`)
  })
  return async (bare) => {
    const used = bare === undefined ? idle.pop() : undefined
    const name = used ?? `test_${randomUUID().replaceAll('-', '')}`
    const url = databaseUrl(server, name)
    if (used !== undefined) await onServer(url, emptyAllTables)
    else {
      all.push(name)
      await onServer(
        server,
        `CREATE DATABASE ${name} TEMPLATE ${bare === undefined ? templateName : 'template0'}`,
      )
    }
    return { url, remove: async () => void (bare === undefined && idle.push(name)) }
  }
}

const emptyAllTables = `
  DO $$ BEGIN
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY'
             FROM pg_tables WHERE schemaname = 'public');
  END $$`
