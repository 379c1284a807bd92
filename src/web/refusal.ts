import type { Context } from 'hono'
import type { UserError } from '#src/errors.ts'

/** 429 for who has to wait, with `Retry-After` where it is known for how long; the usual status for anything else. */
export function refusalStatus<T extends number>(context: Context, error: UserError, usual: T): T | 429 {
  if (error.code !== 'too_many') return usual
  if (error.waitMs !== undefined) context.header('retry-after', String(Math.ceil(error.waitMs / 1_000)))
  return 429
}
