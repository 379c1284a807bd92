import { z } from 'zod'
import type { ListPage } from '#src/local-users/list.ts'

const Number = z.number().int().min(0).max(10_000)
const Edge = z.string().regex(/^(after|before):[\w-]{1,40}$/)

/** Where a list stands, as it comes back from the person's machine. */
export const PagePlace = z.object({ page: Number, edge: Edge.optional() })
type PagePlace = z.infer<typeof PagePlace>

/** What **Back** and **Next** carry: a page, and the row beside which it begins or ends. */
export const PageStep = z.string().transform((text, ctx): PagePlace => {
  const [page = '', ...edge] = text.split(':')
  const read = PagePlace.safeParse({
    page: page === '' ? undefined : +page,
    edge: edge.length === 0 ? undefined : edge.join(':'),
  })
  if (read.success) return read.data
  ctx.addIssue('not a page')
  return z.NEVER
})

/** What the subject is asked for. The first page begins with the first row, whatever stood beside it once. */
export function pageOf({
  page,
  edge,
}: {
  readonly page: number
  readonly edge?: string | undefined
}): ListPage {
  const [side, id] = edge?.split(':') ?? []
  if (page === 0 || id === undefined || (side !== 'after' && side !== 'before')) return { number: page }
  return { number: page, edge: { side, id } }
}

/** The list at another place. */
export function at<Filter extends object>(filter: Filter, { page, edge }: PagePlace): Filter & PagePlace {
  return { ...filter, page, edge }
}
