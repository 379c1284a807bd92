import { AsyncLocalStorage } from 'node:async_hooks'

/** Runs transactions and knows whether it is asked from inside one. */
export interface Nesting {
  /** Throws inside of another transaction's work: it would wait for itself on SQLite, and take two connections elsewhere. */
  refuse(): void
  run<T>(work: () => Promise<T>): Promise<T>
}

/** Knows the transactions of one store. */
export function createNesting(): Nesting {
  const current = new AsyncLocalStorage<{ open: boolean }>()
  return {
    refuse() {
      if (current.getStore()?.open === true)
        throw new Error(
          'inside a read or write of the store, use its context instead of another read or write',
        )
    },
    run(work) {
      // What was started inside and outlives the transaction is free again.
      const mine = { open: true }
      return current.run(mine, async () => {
        try {
          return await work()
        } finally {
          mine.open = false
        }
      })
    },
  }
}
