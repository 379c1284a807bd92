import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'

/** The SHA-1 of a text as Pwned Passwords writes it. */
export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase()

/**
 * A service with the range API of Pwned Passwords, as strict as its documentation: 400 for what is not five characters of a
 * hash, 403 without a user agent, `SUFFIX:COUNT` lines apart by CRLF, and with `Add-Padding: true` 800 to 1,000 of them, the
 * padding with the count 0.
 */
export async function startRangeApi(breached: readonly string[]) {
  const asked: string[] = []
  const state = { status: 200, body: undefined as string | undefined, isDeaf: false, hangsUp: false }
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)}`)
    if (state.isDeaf) return
    if (state.hangsUp) return void request.socket.destroy()
    const [, prefix] = /^\/range\/([0-9A-Fa-f]{5})$/.exec(request.url ?? '') ?? []
    const say = (status: number, text: string) =>
      response
        .writeHead(status, {
          'content-type': 'text/plain',
          ...(status === 302 && { location: '/elsewhere' }),
        })
        .end(text)
    if (request.method !== 'GET') return say(405, 'Method not allowed')
    if (prefix === undefined) return say(400, 'The hash prefix was not in a valid format')
    if ((request.headers['user-agent'] ?? '') === '') return say(403, 'A user agent is needed')
    if (state.status !== 200 || state.body !== undefined) return say(state.status, state.body ?? 'not now')
    const hits = breached.map(sha1).filter((hash) => hash.startsWith(prefix.toUpperCase()))
    const isPadded = request.headers['add-padding'] === 'true'
    const others = Array.from({ length: isPadded ? 850 : 400 }, (_, n) => {
      const count = isPadded && n >= 400 ? 0 : n + 1
      return `${sha1(`other ${n}`).slice(5)}:${count}`
    })
    return say(200, [...others, ...hits.map((hash) => `${hash.slice(5)}:17`)].toSorted().join('\r\n'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, asked, state }
}
