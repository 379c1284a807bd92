import type { Json } from '#src/sandbox/json.ts'
import { text } from '#src/sandbox/json.ts'
import { Refusal } from '#src/sandbox/slack/methods/method.ts'

/** One page of a list by `cursor` and `limit`; without a limit everything up to `max`. */
export function page<T>(
  all: readonly T[],
  args: Json,
  max: number,
): { readonly items: readonly T[]; readonly nextCursor: string } {
  const start = startOf(text(args['cursor']))
  const wanted = typeof args['limit'] === 'number' && args['limit'] > 0 ? args['limit'] : max
  const end = start + Math.min(wanted, max)
  return {
    items: all.slice(start, end),
    nextCursor: end < all.length ? Buffer.from(`next:${end}`).toString('base64') : '',
  }
}

function startOf(cursor: string): number {
  if (cursor === '') return 0
  const [, start] = /^next:(\d+)$/u.exec(Buffer.from(cursor, 'base64').toString()) ?? []
  if (start === undefined) throw new Refusal('invalid_cursor')
  return Number(start)
}
