import { median } from './numbers.ts'

/** One side of a comparison: one number per round, e.g. that round's p99 in milliseconds. */
export type Rounds = readonly number[]

/** What was compared, and what must hold. */
export interface Row {
  readonly what: string
  readonly unit: 'ms' | '/s' | '/min' | 'MB'
  readonly ours: Rounds
  readonly theirs: Rounds
  /** How ours may stand to theirs; undefined: for information only. */
  readonly bound?: Bound | undefined
}

/** `factor`: at most so many times theirs. `extra`: at most theirs and so much more. */
export type Bound =
  | { readonly kind: 'factor'; readonly most: number }
  | { readonly kind: 'extra'; readonly most: number }

/** One figure of the bench: a name for the command line and the work behind it. */
export interface Figure {
  readonly name: string
  readonly about: string
  /** Measures both sides in turns. `tell` says how far it is. */
  run(tell: (line: string) => void): Promise<readonly Row[]>
}

/** A row as it is judged: medians of the rounds, and whether the bound holds. */
export interface Judged {
  readonly row: Row
  readonly ours: number
  readonly theirs: number
  readonly ratio: number
  readonly holds: boolean
}

/** Takes the medians of the rounds and holds them against the bound. Pure. */
export function judge(row: Row): Judged {
  const ours = median(row.ours)
  const theirs = median(row.theirs)
  return { row, ours, theirs, ratio: ours / theirs, holds: isWithin(row.bound, ours, theirs) }
}

function isWithin(bound: Bound | undefined, ours: number, theirs: number): boolean {
  if (bound === undefined) return true
  switch (bound.kind) {
    case 'factor':
      return ours <= theirs * bound.most
    case 'extra':
      return ours <= theirs + bound.most
  }
}
