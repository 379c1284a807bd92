import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'

/** Keeps pages up to date that are open in browsers. */
export interface Live {
  /** Something has changed. */
  readonly tell: () => void
  /** Sends a page now and whenever it has changed, as server-sent events, until its reader goes. */
  readonly stream: (context: Context, render: () => string) => Response
  /** Ends all streams. */
  readonly end: () => void
}

// What changes at once is sent at once.
const togetherMs = 15

/** Nobody looks at first. */
export function createLive(): Live {
  let changed = Promise.withResolvers<void>()
  const ending = new AbortController()
  const tell = (): void => {
    const last = changed
    changed = Promise.withResolvers<void>()
    last.resolve()
  }
  return {
    tell,
    stream: (context, render) =>
      streamSSE(context, async (stream) => {
        let sent = ''
        const gone = new Promise<void>((resolve) => stream.onAbort(resolve))
        while (!stream.aborted && !ending.signal.aborted) {
          const next = changed.promise
          const page = render()
          if (page !== sent) await stream.writeSSE({ data: page })
          sent = page
          await Promise.race([next, gone])
          await wait(togetherMs)
        }
      }),
    end: () => {
      ending.abort()
      tell()
    },
  }
}
