/** Where the time comes from. Tests hand in one that is moved by hand. */
export interface Clock {
  /** The time now. */
  now(): Date
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() }
