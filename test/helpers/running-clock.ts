import type { Clock } from '#src/clock.ts'

/** A clock that goes like the machine's own and can be put forward by hand. */
export interface RunningClock extends Clock {
  move(ms: number): void
}

/** Starts at the machine's own time. */
export function createRunningClock(): RunningClock {
  let ahead = 0
  return { now: () => new Date(Date.now() + ahead), move: (ms) => void (ahead += ms) }
}
