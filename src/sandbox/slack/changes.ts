/** Tells those who wait that something in the workspace has changed. */
export interface Changes {
  readonly tell: () => void
  /** Calls the listener after each change until what is answered is called. */
  readonly subscribe: (listener: () => void) => () => void
  /**
   * Waits until the function answers something other than undefined, null or false, and answers that. Looks again after each
   * change in the workspace, not by the clock. Throws, naming `what`, when `timeoutMs` (20 s) have passed.
   */
  readonly waitUntil: <T>(
    look: () => T | undefined | null | false,
    options?: { readonly timeoutMs?: number; readonly what?: string },
  ) => Promise<T>
}

/** Changes of one workspace. */
export function createChanges(): Changes {
  const waiting = new Set<() => void>()
  return {
    tell: () => {
      for (const wake of waiting) wake()
    },
    subscribe: (listener) => {
      waiting.add(listener)
      return () => void waiting.delete(listener)
    },
    waitUntil: (look, options = {}) =>
      new Promise((resolve, reject) => {
        const timeoutMs = options.timeoutMs ?? 20_000
        const settle = (done: () => void): void => {
          clearTimeout(timer)
          waiting.delete(wake)
          done()
        }
        const wake = (): void => {
          try {
            const found = look()
            if (found !== undefined && found !== null && found !== false) settle(() => resolve(found))
          } catch (error) {
            settle(() => reject(error instanceof Error ? error : new Error(String(error))))
          }
        }
        const timer = setTimeout(() => {
          wake()
          const sentence = `Waited ${timeoutMs} ms in vain for ${options.what ?? look.toString()}`
          settle(() => reject(new Error(sentence)))
        }, timeoutMs)
        waiting.add(wake)
        wake()
      }),
  }
}
