import { DrizzleQueryError } from 'drizzle-orm'

/** A unique key is taken. */
export class ConflictError extends Error {
  constructor(cause: unknown) {
    super('a unique key is taken', { cause })
    this.name = 'ConflictError'
  }
}

const takenKey = new Set(['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'])
// serialization_failure and deadlock_detected
const passing = new Set(['40001', '40P01'])

/** A query failed. It names the query and not its values: errors are logged, and what people typed is not for the log. */
export class QueryError extends Error {
  constructor({ query, cause }: DrizzleQueryError) {
    super(`a query failed: ${query}`, { cause: withoutRow(cause) })
    this.name = 'QueryError'
  }
}

/** The same error without the values of its query, or a `ConflictError` when a driver says that a unique key is taken. */
export function conflictOr(error: unknown): unknown {
  const told = error instanceof DrizzleQueryError ? new QueryError(error) : error
  return takenKey.has(driverCode(told) ?? '') ? new ConflictError(told) : told
}

// PostgreSQL quotes the row that was refused there.
function withoutRow(cause: unknown): unknown {
  return cause instanceof Error && 'detail' in cause
    ? Object.assign(cause, { detail: undefined, where: undefined })
    : cause
}

/** True when PostgreSQL asks to run the whole transaction again. */
export function isPassing(error: unknown): boolean {
  return passing.has(driverCode(error) ?? '')
}

/** True when another process holds the SQLite file. */
export function isBusy(error: unknown): boolean {
  return driverCode(error) === 'SQLITE_BUSY'
}

// drizzle wraps the driver's error
function driverCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return driverCode(error.cause)
}
