import { sql } from 'drizzle-orm'

/** What one page of a list is asked for. Pages count from 0. */
export interface PageAsked {
  readonly number: number
  readonly size: number
  /** The row beside which the page begins or ends; without one, or once it is gone, the rows before the page are counted. */
  readonly edge?: Edge | undefined
}

/** A page begins after a row, or ends before it. */
export interface Edge {
  readonly side: 'after' | 'before'
  readonly id: string
}

/** The rows of a page by their `seq`, and how many fit in all; undefined when more follow that nobody has counted. */
export interface Page {
  readonly seqs: readonly number[]
  readonly total: number | undefined
}

/** How a list is read. Each answers the rows' `seq`, in the order of the list. */
export interface ListReads {
  /** How many rows there are, fitting or not. */
  readonly all: number
  /** Whether any row could not fit. */
  readonly isFiltered: boolean
  /** How many rows are read in order before the others are looked for by what they are found by. */
  readonly stretch: number
  /** Those that fit, read in order from where the cut begins; with `stretch` among the first so many rows from there. */
  walk(cut: Cut): Promise<readonly number[]>
  /** A page of those that fit, found by an index and then put in order, and their number; none when more than `most` fit. */
  pick(cut: PickCut): Promise<Picked>
  /** How many fit. */
  count(): Promise<number>
}

/** Which page of what an index finds, and how many are too many to be put in order. */
export interface PickCut {
  readonly offset: number
  readonly limit: number
  readonly most: number
}

/** The number of all rows of a select, beside each of them. */
export const foundRows = sql<number>`count(*) over ()`.mapWith(Number)

/** What an index found: a page of it, and how much it is. */
export interface Picked {
  readonly seqs: readonly number[]
  readonly found: number
}

/** Where a walk begins and where it ends. */
export interface Cut {
  readonly edge?: Edge | undefined
  readonly offset?: number
  readonly limit: number
  readonly stretch?: number
}

/** What was picked as a page, unless more than the most was found, which is no page then. */
export function pickedFrom(
  rows: readonly { readonly seq: number; readonly found: number }[],
  most: number,
): Picked {
  const found = rows[0]?.found ?? 0
  return { seqs: found > most ? [] : rows.map((row) => row.seq), found }
}

/** How many rows are few enough to be put in order and counted. */
const few = 500

/**
 * Reads a page so that it takes as long among ten thousand rows as among ten: where many fit, a short walk finds a page of
 * them; where few fit, an index finds them all. Where many fit, but none of the first ones, the walk goes on.
 */
export async function readPage(reads: ListReads, { number, size, edge }: PageAsked): Promise<Page> {
  const { all, isFiltered, stretch } = reads
  const offset = number * size
  const isLong = isFiltered && all > stretch
  if (isLong) {
    if (edge !== undefined || number === 0) {
      const near = await reads.walk({ edge, limit: size + 1, stretch })
      if (near.length > size) return { seqs: cutOff(near, size, edge), total: undefined }
    }
    const picked = await reads.pick({ offset, limit: size, most: few })
    if (picked.seqs.length > 0 || (number === 0 && picked.found === 0))
      return { seqs: picked.seqs, total: picked.found }
  }
  const count = async () => (isLong ? undefined : isFiltered ? await reads.count() : all)
  if (edge !== undefined) {
    const beside = await reads.walk({ edge, limit: size + 1 })
    if (beside.length > size) return { seqs: cutOff(beside, size, edge), total: await count() }
    if (edge.side === 'after' && beside.length > 0) return { seqs: beside, total: offset + beside.length }
  }
  const seqs = await reads.walk({ offset, limit: size + 1 })
  if (seqs.length > size) return { seqs: seqs.slice(0, size), total: await count() }
  // A page that is not full is the last one, so nothing has to be counted for it.
  if (seqs.length > 0 || offset === 0) return { seqs, total: offset + seqs.length }
  return { seqs, total: await count() }
}

function cutOff(seqs: readonly number[], size: number, edge: Edge | undefined): readonly number[] {
  return edge?.side === 'before' ? seqs.slice(-size) : seqs.slice(0, size)
}
