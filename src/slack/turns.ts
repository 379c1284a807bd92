/** Resolves when it is the caller's turn. */
export type Turns = () => Promise<void>

/**
 * Lets those who wait go on in the order in which they came, one per turn of the event loop. Between two of them all
 * that has arrived meanwhile is read: when many things come at once, none waits for what the others lead to.
 */
export function createTurns(): Turns {
  const waiting: (() => void)[] = []
  const next = (): void => {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(next)
  }
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 1) setImmediate(next)
    })
}
