import type { Log } from '#src/log.ts'

/** A loop that claims pieces of work and does several of them at the same time. */
export interface Loop {
  /** Something may be due: look at once. */
  readonly wake: () => void
  start(): void
  stop(graceMs: number): Promise<void>
  /** Claims and works until nothing is left; returns how many pieces were done. Not while started. */
  drain(): Promise<number>
}

/** How often a loop looks by itself: other replicas' commits and planned times do not wake it. */
const lookEveryMs = 1_000

/**
 * The one loop behind the job runner and the relay. `claim` takes at most `limit` pieces for this process; `work` does
 * one and never throws for what it can settle.
 */
export function createLoop<Piece>(deps: {
  readonly log: Log
  readonly concurrency: number
  claim(limit: number): Promise<readonly Piece[]>
  work(piece: Piece, signal: AbortSignal): Promise<void>
}): Loop {
  const abort = new AbortController()
  const running = new Set<Promise<void>>()
  let done = 0
  let claiming = false
  let again = false
  let timer: NodeJS.Timeout | undefined
  let started = false

  const begin = (piece: Piece) => {
    const work = deps
      .work(piece, abort.signal)
      .catch((error: unknown) =>
        deps.log.error({ err: error }, 'a piece of background work could not be settled'),
      )
      .finally(() => {
        running.delete(work)
        done += 1
        if (started) look()
      })
    running.add(work)
  }

  const fill = async () => {
    for (;;) {
      const free = deps.concurrency - running.size
      if (free <= 0) return
      const pieces = await deps.claim(free)
      for (const piece of pieces) begin(piece)
      if (pieces.length < free) return
    }
  }

  const look = () => {
    if (claiming) {
      again = true
      return
    }
    claiming = true
    again = false
    fill()
      .catch((error: unknown) =>
        deps.log.error({ err: error }, 'background work could not be claimed; trying again'),
      )
      .finally(() => {
        claiming = false
        if (again && started) look()
      })
  }

  return {
    wake: () => {
      if (started) look()
    },
    start() {
      started = true
      timer = setInterval(look, lookEveryMs)
      look()
    },
    async stop(graceMs) {
      started = false
      clearInterval(timer)
      const grace = setTimeout(() => abort.abort(new Error('Drawbridge stops')), graceMs)
      while (running.size > 0 || claiming) await Promise.race([...running, new Promise(setImmediate)])
      clearTimeout(grace)
    },
    async drain() {
      const before = done
      for (;;) {
        await fill()
        if (running.size === 0) return done - before
        await Promise.race(running)
      }
    },
  }
}
