import type { Log } from '#src/log.ts'

/** What a look gave: work to begin, and when another look will find more; each second anyway. */
export interface Claimed<Piece> {
  readonly pieces: readonly Piece[]
  readonly lookAgainInMs?: number | undefined
}

/** What a loop is made of. */
export interface LoopDeps<Piece> {
  readonly log: Log
  /** How many pieces are worked on at the same time. */
  readonly concurrency: number
  /** Takes at most `limit` pieces for this process. */
  claim(limit: number): Promise<Claimed<Piece>>
  /** Does one piece and settles how it went. The signal aborts when the process stops and the grace is over. */
  work(piece: Piece, signal: AbortSignal): Promise<void>
}

/** Claims pieces of work and does several of them at the same time. */
export interface Loop {
  /** Something may be due: looks at once, when started. */
  readonly wake: () => void
  start(): void
  /** Claims no more, waits for what runs, aborts it after the grace and waits a little longer. */
  stop(graceMs: number): Promise<void>
  /** By hand: claims one piece and does it; false when none is due. */
  step(): Promise<boolean>
  /** By hand: works until nothing is due, and returns how many pieces that were. */
  drain(): Promise<number>
}

/** Other replicas' commits and planned times don't wake a loop, so it looks by itself. */
const lookEveryMs = 1_000
/** How long aborted work may take to notice; its leases run out otherwise. */
const afterAbortMs = 3_000

/** The one loop behind the job runner and the relay. */
export function createLoop<Piece>(deps: LoopDeps<Piece>): Loop {
  const { log } = deps
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  let looking: Promise<void> | undefined
  let again = false
  let started = false
  let ticker: NodeJS.Timeout | undefined
  let soon: NodeJS.Timeout | undefined

  async function begin(piece: Piece): Promise<void> {
    try {
      await deps.work(piece, stopping.signal)
    } catch (error) {
      log.error({ err: error }, 'a piece of background work could not be settled; it comes back')
    }
  }

  /** Claims until everybody is busy or nothing is left; returns how many pieces that were. */
  async function fill(): Promise<number> {
    let begun = 0
    for (;;) {
      const free = deps.concurrency - running.size
      if (free <= 0) return begun
      const { pieces, lookAgainInMs } = await deps.claim(free)
      for (const piece of pieces) {
        const work = begin(piece).finally(() => {
          // While somebody was free, all that was due had been claimed; what this piece leads to wakes us by its commit.
          const wasFull = running.size >= deps.concurrency
          running.delete(work)
          if (wasFull) look()
        })
        running.add(work)
      }
      begun += pieces.length
      if (lookAgainInMs !== undefined) lookIn(lookAgainInMs)
      if (pieces.length < free) return begun
    }
  }

  function look(): void {
    if (!started) return
    again = true
    looking ??= lookWhileAsked()
  }

  async function lookWhileAsked(): Promise<void> {
    while (isAsked()) {
      try {
        await fill()
      } catch (error) {
        log.error({ err: error }, 'background work could not be claimed; trying again')
      }
    }
    // In the same breath as the last question, so that no wake falls in between.
    looking = undefined
  }

  function isAsked(): boolean {
    const asked = again && started
    again = false
    return asked
  }

  function lookIn(ms: number): void {
    if (!started || ms >= lookEveryMs) return
    clearTimeout(soon)
    soon = setTimeout(look, Math.max(1, ms))
  }

  return {
    wake: look,
    start() {
      started = true
      ticker = setInterval(look, lookEveryMs)
      look()
    },
    async stop(graceMs) {
      started = false
      clearInterval(ticker)
      clearTimeout(soon)
      await looking
      const ended = Promise.all(running)
      if (await isOver(ended, graceMs)) return
      stopping.abort(new Error('Drawbridge stops'))
      if (!(await isOver(ended, afterAbortMs)))
        log.warn({ pieces: running.size }, 'background work did not stop in time; it comes back')
    },
    async step() {
      const [piece] = (await deps.claim(1)).pieces
      if (piece === undefined) return false
      await begin(piece)
      return true
    },
    async drain() {
      for (let done = 0; ;) {
        // What ended while we looked may have led to more that this look did not see.
        const wasIdle = running.size === 0
        const begun = await fill()
        done += begun
        if (wasIdle && begun === 0) return done
        if (running.size > 0) await Promise.race(running)
      }
    },
  }
}

async function isOver(work: Promise<unknown>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs)
  })
  const over = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return over
}
