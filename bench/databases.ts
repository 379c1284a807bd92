import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { openStore, type Store } from '#db/store.ts'
import { databaseUrl, onServer, startPostgres } from '#test/helpers/postgres.ts'

/** An empty database in two hands: ours, and a bare connection that only counts in a table of its own. */
export interface Engine {
  readonly name: 'SQLite' | 'PostgreSQL'
  readonly store: Store
  /** One transaction that writes one row. */
  readonly bareWrite: (id: number) => Promise<void>
}

/** SQLite as in production (each commit is on the disk), and PostgreSQL where it can be started (without `fsync`). */
export async function startEngines(): Promise<AsyncDisposable & { readonly engines: readonly Engine[] }> {
  await using stack = new AsyncDisposableStack()
  const engines = [await sqlite(stack)]
  const server = await startPostgres()
  if (server !== undefined) {
    stack.defer(() => server.stop())
    engines.push(await postgres(stack, server.url))
  }
  const owned = stack.move()
  return { engines, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const makeTable = 'create table done (id integer primary key, at bigint not null)'

async function sqlite(stack: AsyncDisposableStack): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const store = await openStore(`sqlite:${join(folder, 'ours.db')}`)
  stack.defer(() => store.close())
  const bare = new Database(join(folder, 'bare.db'))
  stack.defer(() => void bare.close())
  bare.pragma('journal_mode = WAL')
  bare.pragma('synchronous = FULL')
  bare.exec(makeTable)
  const insert = bare.prepare('insert into done values (?, ?)')
  return {
    name: 'SQLite',
    store,
    bareWrite: async (id) => {
      bare.exec('begin immediate')
      insert.run(id, id)
      bare.exec('commit')
    },
  }
}

async function postgres(stack: AsyncDisposableStack, serverUrl: string): Promise<Engine> {
  for (const name of ['bench_ours', 'bench_bare']) await onServer(serverUrl, `CREATE DATABASE ${name}`)
  const store = await openStore(databaseUrl(serverUrl, 'bench_ours'))
  stack.defer(() => store.close())
  const bare = new Client({ connectionString: databaseUrl(serverUrl, 'bench_bare') })
  await bare.connect()
  stack.defer(() => bare.end())
  await bare.query(makeTable)
  return {
    name: 'PostgreSQL',
    store,
    bareWrite: async (id) => {
      await bare.query('begin')
      await bare.query({ name: 'insert', text: 'insert into done values ($1, $2)', values: [id, id] })
      await bare.query('commit')
    },
  }
}
