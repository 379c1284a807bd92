import type { OktaRequest, Reply } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { OktaRefusal } from '#src/sandbox/okta/errors.ts'

/**
 * One page of a list that is sorted by id: `after` is the id of the last one seen, `limit` at most what is given. Links carry all
 * other parameters on.
 */
export function pageOf<T extends { readonly id: string }>(
  request: OktaRequest,
  path: string,
  all: readonly T[],
  limit: number,
): { readonly items: readonly T[]; readonly links: readonly string[]; readonly next: string | undefined } {
  const { world, query } = request
  const after = query.get('after')
  const begin = after === undefined ? 0 : all.findIndex(({ id }) => cursorOf(id) === after) + 1
  if (after !== undefined && begin === 0)
    throw new OktaRefusal('E0000001', ['after: the cursor is not valid'])
  const items = all.slice(begin, begin + limit)
  const last = items.at(-1)
  const self = `<${world.url}${path}${text(query)}>; rel="self"`
  if (last === undefined || begin + limit >= all.length) return { items, links: [self], next: undefined }
  const more = new Map([...query, ['after', cursorOf(last.id)], ['limit', String(limit)]])
  const next = `${world.settings.nextLinkOrigin ?? world.url}${path}${text(more)}`
  return { items, links: [self, `<${next}>; rel="next"`], next }
}

/** The number of a `limit` parameter. */
export function limitOf(request: OktaRequest, usual: number): number {
  const limit = request.query.get('limit')
  return limit === undefined ? usual : Number(limit)
}

/** A list with its links. */
export function listed(items: readonly unknown[], links: readonly string[] = []): Reply {
  return { status: 200, body: items, links }
}

function cursorOf(id: string): string {
  return Buffer.from(id).toString('base64url')
}

function text(query: ReadonlyMap<string, string>): string {
  return query.size === 0 ? '' : `?${new URLSearchParams([...query]).toString()}`
}
