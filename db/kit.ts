import {
  bigint,
  bigserial,
  boolean,
  customType,
  index,
  json,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import * as sqlite from 'drizzle-orm/sqlite-core'

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
const timestampMs = { withTimezone: true, precision: 3, mode: 'date' } as const

/**
 * The columns of which tables are made, in the PostgreSQL dialect; its types count for both engines.
 * Integers are safe up to 2^53, times are `Date`s with milliseconds, `json` is whatever zod makes of it at the border.
 */
export const postgresKit = {
  text: (name: string) => text(name),
  int: (name: string) => bigint(name, { mode: 'number' }),
  /** A number that the database counts up; never given twice, also when rows are deleted. */
  serial: (name: string) => bigserial(name, { mode: 'number' }),
  bool: (name: string) => boolean(name),
  time: (name: string) => timestamp(name, timestampMs),
  json: (name: string) => json(name),
  bytes: (name: string) => bytea(name),
  table: pgTable,
  index,
  uniqueIndex,
  /** For keys of several columns. */
  primaryKey,
}

/** What a table is defined with. */
export type Kit = typeof postgresKit

function countedUp(name: string) {
  const column = sqlite.integer(name)
  // Without AUTOINCREMENT SQLite gives the number of a deleted last row out again.
  return Object.assign(column, { primaryKey: () => sqlite.integer(name).primaryKey({ autoIncrement: true }) })
}

/** The same columns in the SQLite dialect. */
export const sqliteKit = asPostgres<Kit>({
  text: (name: string) => sqlite.text(name),
  int: (name: string) => sqlite.integer(name),
  serial: countedUp,
  bool: (name: string) => sqlite.integer(name, { mode: 'boolean' }),
  time: (name: string) => sqlite.integer(name, { mode: 'timestamp_ms' }),
  json: (name: string) => sqlite.text(name, { mode: 'json' }),
  bytes: (name: string) => sqlite.blob(name, { mode: 'buffer' }),
  table: sqlite.sqliteTable,
  index: sqlite.index,
  uniqueIndex: sqlite.uniqueIndex,
  primaryKey: sqlite.primaryKey,
})

/**
 * Gives what speaks the SQLite dialect the type of its PostgreSQL twin: the one cast of this code base. TypeScript can't
 * see where the two differ at run time, which is why each query has a test that runs on both engines.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function asPostgres<T>(speaksSqlite: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return speaksSqlite as T
}

/** Builds queries that only read. */
export type ReadBuilder = Pick<NodePgDatabase, 'select' | 'selectDistinct'>

/** Builds queries. Relations and raw statements are left out: what only one engine has stays out. */
export type QueryBuilder = ReadBuilder &
  Pick<NodePgDatabase, 'insert' | 'update' | 'delete' | 'with' | '$with'>
