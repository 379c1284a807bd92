import type { QueryBuilder, ReadBuilder } from '#db/kit.ts'
import { openPostgres } from '#db/postgres.ts'
import type { Tables } from '#db/schema/index.ts'
import { openSqlite } from '#db/sqlite.ts'
import type { Topic } from '#db/topics.ts'

export { ConflictError } from '#db/failures.ts'
export type { Topic } from '#db/topics.ts'

export type Dialect = 'sqlite' | 'postgres'

/** What a query gets for reading: one consistent picture of what is committed. */
export interface ReadContext {
  readonly q: ReadBuilder
  readonly t: Tables
  readonly dialect: Dialect
}

/** What a query gets for writing: all of it is committed together, or nothing is. */
export interface WriteContext extends ReadContext {
  readonly q: QueryBuilder
  /** Leaves out rows that another transaction holds, and holds the others. SQLite has one writer and needs neither. */
  skipLocked<Query extends Lockable>(query: Query): Query
  /** Called once after the commit, not at all without one. Must not throw and must not wait. */
  afterCommit(callback: () => void): void
  /** Wakes who listens to the topic in this process, once this is committed. */
  touch(topic: Topic): void
}

/** A select that can hold its rows. */
export interface Lockable {
  for(strength: 'update', config: { skipLocked: true }): unknown
}

/** How a write is kept apart from the others. Claims and the journal need no more than `read committed`. */
export interface WriteOptions {
  readonly isolation?: 'serializable' | 'read committed'
}

/**
 * The database. `work` has no side effects and awaits no network: on PostgreSQL a write is run again when it could not
 * be serialized, on SQLite a write holds up all others. A read or write inside another one is refused.
 */
export interface Store {
  readonly dialect: Dialect
  read<T>(work: (ctx: ReadContext) => Promise<T>): Promise<T>
  /** Throws `ConflictError` when a unique key is taken; nothing is written then, so it can't be caught inside `work`. */
  write<T>(work: (ctx: WriteContext) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Calls the listener after each commit of this process that touched the topic. Returns how to stop that. */
  onCommit(topic: Topic, listener: () => void): () => void
  /**
   * True when this process, until it closes the store or ends, is the only one that said so: on SQLite, where one process
   * works on a file. What another process left behind can be taken over at once then. Always false on PostgreSQL.
   */
  workAlone(): boolean
  /** Waits for what is under way. Afterwards everything is refused. */
  close(): Promise<void>
}

/**
 * Opens the database of the address and brings its tables up to date: `sqlite:FILE`, `sqlite::memory:` (gone after
 * `close`) or `postgres://…`.
 */
export async function openStore(url: string): Promise<Store> {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length))
  if (/^postgres(ql)?:/.test(url)) return await openPostgres(url)
  throw new Error('a database address starts with sqlite: or postgres://')
}
