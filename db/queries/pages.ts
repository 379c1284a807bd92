import { type SQL, sql, type SQLWrapper } from 'drizzle-orm'
import type { ReadContext } from '#db/store.ts'

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
  /** Those that fit, read in order from where the cut begins. */
  walk(cut: Cut): Promise<readonly number[]>
  /** How many fit. */
  count(): Promise<number>
}

/** Where a walk begins and where it ends. */
export interface Cut {
  readonly edge?: Edge | undefined
  readonly offset?: number
  readonly limit: number
}

/** Of more rows than these those that fit are not counted: that reads all of them, and nobody needs to know. */
const mostCounted = 1_000

/** Reads a page without reading the rows of the pages before it, so that one far behind takes as long as the first. */
export async function readPage(reads: ListReads, { number, size, edge }: PageAsked): Promise<Page> {
  const { all, isFiltered } = reads
  const offset = number * size
  const count = async () => (!isFiltered ? all : all > mostCounted ? undefined : await reads.count())
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

/** The condition for texts that hold this part as it is written. */
export function holds({ dialect }: ReadContext, text: SQLWrapper, part: string): SQL {
  return dialect === 'sqlite' ? sql`instr(${text}, ${part}) > 0` : sql`strpos(${text}, ${part}) > 0`
}
