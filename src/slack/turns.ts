/** Puts off what acknowledged things lead to, so that it holds up no acknowledgement. */
export interface Turns {
  /** Something has arrived. */
  readonly arrived: () => void
  /** Resolves when it is the caller's turn. */
  readonly turn: () => Promise<void>
}

/** Several things that come at once arrive within so few milliseconds. */
const quietMs = 3
/** When things arrive without a pause, the others go on nevertheless. */
const longestMs = 50

/**
 * Lets those who wait go on in the order in which they came: once nothing arrives for a moment, and one per turn of the
 * event loop, so that what arrives between two of them is read before the next one begins.
 */
export function createTurns(): Turns {
  const waiting: { readonly go: () => void; readonly since: number }[] = []
  let arrivedAt = 0

  function next(): void {
    const [first] = waiting
    if (first === undefined) return
    const now = performance.now()
    const quietInMs = arrivedAt + quietMs - now
    if (quietInMs > 0 && now - first.since < longestMs) {
      setTimeout(next, quietInMs)
      return
    }
    waiting.shift()
    first.go()
    setImmediate(next)
  }

  return {
    arrived: () => {
      arrivedAt = performance.now()
    },
    turn: () =>
      new Promise((go) => {
        waiting.push({ go, since: performance.now() })
        if (waiting.length === 1) setImmediate(next)
      }),
  }
}
