import { randomInt } from 'node:crypto'
import { sandboxEnvironment } from '#src/sandbox/environment.ts'

/** Chance that can be played again: the same seed gives the same numbers. */
export interface Chance {
  readonly seed: number
  /** A whole number from `from` up to and with `to`. */
  between(from: number, to: number): number
  oneOf<T>(choices: readonly T[]): T
  shuffled<T>(all: readonly T[]): readonly T[]
}

/** With the seed from `DRAWBRIDGE_TEST_SEED`, or a new one; tests name it when they fail. */
export function createChance(): Chance {
  const seed = sandboxEnvironment().testSeed ?? randomInt(1, 2 ** 31)
  let state = seed
  // mulberry32: 32 bits of state are plenty for choosing moments.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    seed,
    between,
    oneOf: (choices) => choices[between(0, choices.length - 1)]!,
    shuffled: (all) =>
      all
        .map((one) => ({ one, place: next() }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ one }) => one),
  }
}
