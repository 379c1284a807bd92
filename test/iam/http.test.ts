import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type HttpRequest, sendHttp } from '#src/iam/http.ts'
import { failure } from '#test/helpers/connector-failure.ts'

const never = new AbortController().signal
const cleanUp: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end()
})

/** A server that does what one test says. */
async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return new URL(`http://127.0.0.1:${portOf(server.address())}/api?search=a%20b`)
}

/** A server that speaks no HTTP. */
async function listen(onConnection: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return new URL(`http://127.0.0.1:${portOf(server.address())}/`)
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('Not listening on TCP')
  return address.port
}

function ask(url: URL, difference: Partial<HttpRequest> = {}, signal = never) {
  return sendHttp(
    { method: 'GET', url, headers: {}, changes: false, timeoutMs: 5_000, ...difference },
    signal,
  )
}

const change = { method: 'POST', changes: true, body: '{}' } as const

describe('an answer', () => {
  it('comes with its status, its headers and its JSON, whatever the status is', async () => {
    const url = await serve((request, response) => {
      response.writeHead(429, { 'retry-after': '7', 'x-rate-limit-reset': '1790000000' })
      response.end(
        JSON.stringify({
          method: request.method,
          path: request.url,
          token: request.headers['authorization'],
        }),
      )
    })
    const answer = await ask(url, { headers: { authorization: 'Bearer t' } })
    expect(answer).toMatchObject({
      status: 429,
      body: { method: 'GET', path: '/api?search=a%20b', token: 'Bearer t' },
    })
    expect(answer.headers.get('retry-after')).toBe('7')
    expect(answer.headers.get('x-rate-limit-reset')).toBe('1790000000')
    expect(answer.durationMs).toBeGreaterThanOrEqual(0)
  })

  it('may have no body', async () => {
    const url = await serve((_, response) => response.writeHead(204).end())
    expect(await ask(url, { method: 'DELETE', changes: true })).toMatchObject({
      status: 204,
      body: undefined,
    })
  })

  it('arrives whole, with every character, in however many pieces', async () => {
    const body = Buffer.from(JSON.stringify({ name: 'Zoë Ångström' }))
    const url = await serve((_, response) => {
      for (const byte of body) response.write(Buffer.from([byte]))
      response.end()
    })
    expect((await ask(url)).body).toEqual({ name: 'Zoë Ångström' })
  })

  it('that names another address is handed on, and the token is not carried there', async () => {
    const asked: string[] = []
    const elsewhere = await serve((request, response) => {
      asked.push(request.headers['authorization'] ?? '')
      response.end('{}')
    })
    const url = await serve((_, response) => response.writeHead(302, { location: elsewhere.href }).end())
    expect((await ask(url, { headers: { authorization: 'Bearer t' } })).status).toBe(302)
    expect(asked).toEqual([])
  })

  it.each([
    ['a page of some proxy', 200, '<html>hello</html>', 'bad_response'],
    ['JSON that breaks off', 200, '{"id": "0', 'bad_response'],
    ['a page that says not found', 404, '<html>no</html>', 'bad_response'],
    ['a page of an overloaded proxy', 502, '<html>Bad gateway</html>', 'unavailable'],
  ])('that is %s is none: its text is in no message', async (_, status, text, code) => {
    const url = await serve((__, response) => response.writeHead(status).end(text))
    const error = await failure(ask(url))
    expect(error.code).toBe(code)
    expect(JSON.stringify([error.message, error.facts])).not.toContain('html')
    expect(error.cause).toBeUndefined()
  })

  it('to a change tells nothing when it cannot be read: the change may have been taken', async () => {
    const url = await serve((_, response) => response.writeHead(200).end('<html>hello</html>'))
    expect((await failure(ask(url, { method: 'POST', changes: true }))).code).toBe('unknown_outcome')
  })

  it('without end is given up, announced or not', async () => {
    const announced = await serve((_, response) =>
      response.writeHead(200, { 'content-length': 2 ** 40 }).flushHeaders(),
    )
    expect((await failure(ask(announced))).code).toBe('bad_response')
    const more = Buffer.alloc(64 * 1024, ' ')
    const endless = await serve((_, response) => {
      const write = (): void => {
        while (response.write(more));
        response.once('drain', write)
      }
      write()
    })
    expect((await failure(ask(endless))).code).toBe('bad_response')
  })
})

describe('no answer', () => {
  const hang: RequestListener = () => {}
  const half: RequestListener = (_, response) => response.writeHead(200).write('{"id":')

  it.each([
    ['at all', hang],
    ['after its beginning', half],
  ])('%s: a question timed out, a change has an unknown outcome', async (_, listener) => {
    const url = await serve(listener)
    expect((await failure(ask(url, { timeoutMs: 150 }))).code).toBe('timed_out')
    expect((await failure(ask(url, { ...change, timeoutMs: 150 }))).code).toBe('unknown_outcome')
  })

  it.each([
    ['before an answer', (socket: Socket) => socket.once('data', () => socket.destroy())],
    [
      'in the middle of the answer',
      (socket: Socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":')
          setImmediate(() => socket.destroy())
        }),
    ],
  ])('because the connection is cut %s: the same', async (_, onConnection) => {
    const url = await listen(onConnection)
    expect((await failure(ask(url))).code).toBe('unavailable')
    expect((await failure(ask(url, change))).code).toBe('unknown_outcome')
  })

  it('because something else than HTTP answers: unavailable, or unknown for a change', async () => {
    const url = await listen((socket) => socket.end('220 mail.example ESMTP\r\n'))
    expect((await failure(ask(url))).code).toBe('unavailable')
    expect((await failure(ask(url, change))).code).toBe('unknown_outcome')
  })

  it('because nobody listens: unavailable, and a change surely did not take place', async () => {
    const url = await listen(() => {})
    for (const end of cleanUp.splice(0)) await end()
    const error = await failure(ask(url, change))
    expect(error).toMatchObject({ code: 'unavailable', facts: { vendorCode: 'ECONNREFUSED' } })
  })

  it('because TLS can not be set up: wrongly configured', async () => {
    const url = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const error = await failure(ask(new URL(url.href.replace('http:', 'https:')), change))
    expect(error).toMatchObject({ code: 'misconfigured', facts: { detail: 'tls' } })
  })
})

describe('being told to stop', () => {
  it('before sending, nothing is sent and nothing is unknown', async () => {
    let asked = 0
    const url = await serve((_, response) => {
      asked += 1
      response.end('{}')
    })
    expect((await failure(ask(url, {}, AbortSignal.abort()))).code).toBe('timed_out')
    expect((await failure(ask(url, change, AbortSignal.abort()))).code).toBe('timed_out')
    expect(asked).toBe(0)
  })

  it('while waiting, a question ends at once and a change has an unknown outcome', async () => {
    const stop = new AbortController()
    const arrived = Promise.withResolvers<void>()
    let open = 2
    const url = await serve(() => {
      open -= 1
      if (open === 0) arrived.resolve()
    })
    const question = failure(ask(url, { timeoutMs: 60_000 }, stop.signal))
    const changing = failure(ask(url, { ...change, timeoutMs: 60_000 }, stop.signal))
    await arrived.promise
    stop.abort()
    expect((await question).code).toBe('timed_out')
    expect((await changing).code).toBe('unknown_outcome')
  })
})
