import type { ReadBuilder } from '#db/kit.ts'
import type { ReadContext } from '#db/store.ts'

/**
 * A query that is built once for each connection and asked with other values each time, by its placeholders. For the few
 * that are asked at each request: building one takes longer than the database does. `build` depends on nothing but the
 * context.
 */
export function perConnection<Query>(build: (ctx: ReadContext) => Query): (ctx: ReadContext) => Query {
  const built = new WeakMap<ReadBuilder, Query>()
  return (ctx) => {
    const query = built.get(ctx.q) ?? build(ctx)
    built.set(ctx.q, query)
    return query
  }
}

/** PostgreSQL is given the text each time: poolers before it don't know what another connection named. */
export const unnamed = ''
