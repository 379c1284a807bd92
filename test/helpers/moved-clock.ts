import type { Clock } from '#src/clock.ts'

/** A clock that stands still until a test moves it. */
export interface MovedClock extends Clock {
  move(ms: number): void
}

/** Starts at noon of a day in 2026. */
export function createMovedClock(start = '2026-03-02T12:00:00.000Z'): MovedClock {
  let now = new Date(start).getTime()
  return { now: () => new Date(now), move: (ms) => void (now += ms) }
}
