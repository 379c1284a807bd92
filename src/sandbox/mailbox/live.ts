import type { Context } from 'hono'
import { html } from 'hono/html'
import { streamSSE } from 'hono/streaming'

/** Calls the listener after each change; answers what ends that. */
export type Subscribe = (listener: () => void) => () => void

/** Loads the page anew after each change that the path, which has no quotes in it, tells of. Without scripts the reader does it. */
export const liveScript = (path: string) =>
  html`<script>
    new EventSource('${path}').onmessage = () => location.reload()
  </script>`

/** Tells a page of each change until it is closed. */
export function tellOf(context: Context, subscribe: Subscribe): Response {
  return streamSSE(context, async (stream) => {
    await new Promise<void>((resolve) => {
      const stop = subscribe(() => void stream.writeSSE({ data: 'changed' }))
      stream.onAbort(() => {
        stop()
        resolve()
      })
    })
  })
}
