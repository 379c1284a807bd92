import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { begin, createWriter } from '#db/group-commit.ts'
import { asPostgres, type QueryBuilder, sqliteKit } from '#db/kit.ts'
import { createNesting } from '#db/nesting.ts'
import { defineTables } from '#db/schema/index.ts'
import type { ReadContext, Store, WriteContext } from '#db/store.ts'
import { createAfterCommit, createTopics } from '#db/topics.ts'

const mostStatements = 500
const migrationsFolder = fileURLToPath(new URL('./migrations/sqlite', import.meta.url))

/**
 * Opens a database file, made when missing, and brings its tables up to date. `:memory:` is a file that is gone after
 * `close`: a database in memory could not have a second connection. One connection writes, another one reads what is
 * committed; each does one transaction after the other.
 */
export function openSqlite(path: string): Store {
  const scratch = path === ':memory:' ? mkdtempSync(join(tmpdir(), 'drawbridge-')) : undefined
  const file = scratch === undefined ? path : join(scratch, 'store.db')
  const durability = scratch === undefined ? 'FULL' : 'OFF'
  const writer = connect(file, durability)
  migrate(drizzle(writer), { migrationsFolder })
  // Waiting inside SQLite would stop the whole process; `begun` waits beside it.
  writer.pragma('busy_timeout = 0')
  const reader = connect(file, durability)
  reader.pragma('query_only = ON')
  const t = defineTables(sqliteKit)
  const reading: ReadContext = { q: asPostgres<QueryBuilder>(drizzle(reader)), t, dialect: 'sqlite' }
  const writing = asPostgres<QueryBuilder>(drizzle(writer))
  const topics = createTopics()
  const nesting = createNesting()
  const inTurn = createWriter(writer)
  const inReadTurn = turns()
  let lock: Database.Database | undefined

  return {
    dialect: 'sqlite',
    async read(work) {
      nesting.refuse()
      return await inReadTurn(() => look(reader, () => nesting.run(() => work(reading))))
    },
    async write(work) {
      nesting.refuse()
      const { afterCommit, touch, committed } = createAfterCommit(topics)
      const ctx: WriteContext = {
        q: writing,
        t,
        dialect: 'sqlite',
        skipLocked: (query) => query,
        afterCommit,
        touch,
      }
      const result = await inTurn.write(() => nesting.run(() => work(ctx)))
      committed()
      return result
    },
    onCommit: topics.onCommit,
    workAlone() {
      lock ??= takeLock(`${file}.lock`)
      return lock !== undefined
    },
    async close() {
      nesting.refuse()
      await inTurn.close()
      await inReadTurn(async () => void reader.close())
      lock?.close()
      if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
    },
  }
}

function connect(file: string, durability: 'FULL' | 'OFF'): Database.Database {
  const connection = new Database(file, { timeout: 5_000 })
  connection.pragma('journal_mode = WAL')
  connection.pragma(`synchronous = ${durability}`)
  connection.pragma('foreign_keys = ON')
  keepStatements(connection)
  return connection
}

// SQLite reads the text of a statement each time it is prepared, and the query builder prepares for each call.
function keepStatements(connection: Database.Database): void {
  const kept = new Map<string, Database.Statement>()
  const prepare = connection.prepare.bind(connection)
  const keep = (text: string): Database.Statement => {
    const statement = kept.get(text) ?? prepare(text)
    if (statement.reader) statement.raw(false)
    // Those used last are kept; lists of any length make many texts.
    kept.delete(text)
    kept.set(text, statement)
    const [oldest] = kept.keys()
    if (kept.size > mostStatements && oldest !== undefined) kept.delete(oldest)
    return statement
  }
  Object.assign(connection, { prepare: keep })
}

// A transaction that stays open on a file beside the database: the operating system ends it with the process,
// also when the process is killed.
function takeLock(file: string): Database.Database | undefined {
  const connection = new Database(file, { timeout: 0 })
  try {
    connection.exec('BEGIN EXCLUSIVE')
    return connection
  } catch {
    connection.close()
    return undefined
  }
}

/** One after the other, in the order of asking. A turn that fails doesn't stop the next one. */
function turns(): <T>(turn: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (turn) => {
    const mine = last.then(turn)
    last = mine.catch(() => {})
    return mine
  }
}

async function look<T>(connection: Database.Database, work: () => Promise<T>): Promise<T> {
  await begin(connection, 'BEGIN')
  try {
    return await work()
  } finally {
    if (connection.inTransaction) connection.exec('COMMIT')
  }
}
