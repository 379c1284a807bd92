import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { Client, Pool, type PoolClient } from 'pg'
import { conflictOr, isPassing } from '#db/failures.ts'
import { postgresKit } from '#db/kit.ts'
import { createNesting } from '#db/nesting.ts'
import { defineTables } from '#db/schema/index.ts'
import type { Lockable, Store, WriteContext } from '#db/store.ts'
import { createAfterCommit, createTopics } from '#db/topics.ts'
import { createTurns } from '#db/turns.ts'

const migrationsFolder = fileURLToPath(new URL('./migrations/postgres', import.meta.url))
// Any number will do, as long as all replicas take the same one.
const migrationLock = 4_871_263_905
const writeAttempts = 30
/** After so many a write no longer competes with the other ones of this process: they could overtake it for ever. */
const attemptsTogether = 5

/**
 * Opens a PostgreSQL database and brings its tables up to date; replicas that start together take turns at that. Writes
 * are serializable unless they ask for less, and are run again while the server can't serialize them.
 */
export async function openPostgres(url: string): Promise<Store> {
  const pool = new Pool({
    connectionString: url,
    application_name: 'drawbridge',
    max: 10,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
    statement_timeout: 25_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced at the next query, which fails by itself when the server is away.
  pool.on('error', () => {})
  try {
    await applyMigrations(url)
  } catch (error) {
    await pool.end()
    throw error
  }
  const t = defineTables(postgresKit)
  const topics = createTopics()
  const nesting = createNesting()
  const turns = createTurns()
  const connections = { pool, builderOf: createBuilders() }

  async function writeOnce<T>(work: (ctx: WriteContext) => Promise<T>, isolation: string): Promise<T> {
    const { afterCommit, touch, committed } = createAfterCommit(topics)
    const result = await transact(connections, `BEGIN ISOLATION LEVEL ${isolation}`, (q) =>
      nesting.run(() => work({ q, t, dialect: 'postgres', skipLocked, afterCommit, touch })),
    )
    committed()
    return result
  }

  return {
    dialect: 'postgres',
    async read(work) {
      nesting.refuse()
      return await transact(connections, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', (q) =>
        nesting.run(() => work({ q, t, dialect: 'postgres' })),
      )
    },
    async write(work, options) {
      nesting.refuse()
      const isolation = options?.isolation ?? 'serializable'
      for (let attempt = 1; ; attempt += 1) {
        try {
          const once = () => writeOnce(work, isolation)
          if (isolation !== 'serializable') return await once()
          return await (attempt > attemptsTogether ? turns.alone(once) : turns.together(once))
        } catch (error) {
          if (attempt === writeAttempts || !isPassing(error)) throw error
          await wait(randomInt(1, 5 + attempt * 5))
        }
      }
    },
    onCommit: topics.onCommit,
    workAlone: () => false,
    close: () => pool.end(),
  }
}

function skipLocked<Query extends Lockable>(query: Query): Query {
  query.for('update', { skipLocked: true })
  return query
}

type Builder = ReturnType<typeof builder>

async function transact<T>(
  { pool, builderOf }: { readonly pool: Pool; readonly builderOf: (client: PoolClient) => Builder },
  begin: string,
  work: (q: Builder) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken = false
  // Without a listener, a connection that breaks between two queries would end the process.
  const onError = (): void => void (broken = true)
  client.on('error', onError)
  try {
    await client.query(begin)
    const result = await work(builderOf(client))
    // After a failed statement PostgreSQL answers COMMIT with ROLLBACK, and no error.
    const { command } = await client.query('COMMIT')
    if (command !== 'COMMIT') throw new Error('a failed query was passed over, so nothing was written')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => (broken = true))
    throw conflictOr(error)
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/** One for each connection for as long as it lives: queries that were built for it are kept with it. */
function createBuilders(): (client: PoolClient) => Builder {
  const builders = new WeakMap<PoolClient, Builder>()
  return (client) => {
    const made = builders.get(client) ?? builder(client)
    builders.set(client, made)
    return made
  }
}

function builder(client: PoolClient) {
  return drizzle({ client })
}

// On a connection of its own: it may wait for another replica longer than a query is allowed to take.
async function applyMigrations(url: string): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    lock_timeout: 120_000,
  })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
    await migrate(drizzle({ client }), { migrationsFolder })
  } finally {
    await client.end()
  }
}
