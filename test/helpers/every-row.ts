import type { Store } from '#db/store.ts'

/** Everything that is in the database, as one text: what is not in it, is nowhere at rest. */
export async function everyRow(store: Store): Promise<string> {
  return await store.read(async (ctx) => {
    const tables: string[] = []
    for (const [name, table] of Object.entries(ctx.t)) {
      const rows: unknown[] = await ctx.q.select().from(table)
      tables.push(`${name}: ${JSON.stringify(rows, readable)}`)
    }
    return tables.join('\n')
  })
}

function readable(this: unknown, _key: string, value: unknown): unknown {
  const isBytes = typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
  return isBytes && 'data' in value && Array.isArray(value.data)
    ? Buffer.from(value.data).toString('latin1')
    : value
}
