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

/** The same error, or a `ConflictError` when a driver says that a unique key is taken. */
export function conflictOr(error: unknown): unknown {
  return takenKey.has(driverCode(error) ?? '') ? new ConflictError(error) : error
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
