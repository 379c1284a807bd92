/** Lets work run side by side, or alone where the others did not let it through. */
export interface Turns {
  together<T>(work: () => Promise<T>): Promise<T>
  /** Begins in the order of asking, once what runs has ended; what is asked for meanwhile waits for its end. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/** Turns of one process. */
export function createTurns(): Turns {
  const running = new Set<Promise<void>>()
  let lastAlone: Promise<void> = Promise.resolve()

  return {
    async together(work) {
      for (let waitedFor; waitedFor !== lastAlone;) {
        waitedFor = lastAlone
        await waitedFor
      }
      const result = work()
      const end = over(result).finally(() => running.delete(end))
      running.add(end)
      return await result
    },
    async alone(work) {
      const result = lastAlone.then(async () => {
        await Promise.all(running)
        return await work()
      })
      lastAlone = over(result)
      return await result
    },
  }
}

async function over(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {})
}
