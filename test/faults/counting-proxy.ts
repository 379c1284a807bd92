import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy that forwards everything and counts what clients send, so that a test knows how far they are. */
export interface CountingProxy extends AsyncDisposable {
  readonly port: number
  /** Resolves in the instant in which the client has sent so many pieces more, before the last one is forwarded. */
  afterPieces(count: number): Promise<void>
  /** From now on nothing is forwarded any more, and nobody is told. */
  hold(): void
}

/** Starts the proxy on a free port of 127.0.0.1. */
export async function startCountingProxy(to: { host: string; port: number }): Promise<CountingProxy> {
  let pieces = 0
  let holds = false
  const waiting = new Set<{ readonly at: number; readonly tell: () => void }>()
  const sockets = new Set<Socket>()
  const count = (): void => {
    pieces += 1
    for (const one of waiting) {
      if (one.at > pieces) continue
      waiting.delete(one)
      one.tell()
    }
  }
  const server = createServer((client) => {
    const upstream = connect(to)
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', cut).on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    client.on('data', (piece) => {
      count()
      if (!holds) upstream.write(piece)
    })
    upstream.on('data', (piece) => void client.write(piece))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    afterPieces: (more) => new Promise((resolve) => void waiting.add({ at: pieces + more, tell: resolve })),
    hold: () => void (holds = true),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await once(server.close(), 'close')
    },
  }
}
