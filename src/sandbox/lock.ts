import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Takes a name for this process, or answers undefined when another process of this machine holds it. The name is an
 * abstract socket, so it is free again as soon as its holder ends, however that happens. Linux only.
 */
export function takeName(name: string): Promise<AsyncDisposable | undefined> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(`\0drawbridge/${name}`, () => {
      server.unref()
      resolve({
        [Symbol.asyncDispose]: () => new Promise((done) => void server.close(() => done())),
      })
    })
  })
}

/** Runs `work` while holding a name, waiting for it first. Throws when that takes longer than `limitMs`. */
export async function whileHolding<T>(name: string, limitMs: number, work: () => Promise<T>): Promise<T> {
  const held = await waitForName(name, limitMs)
  try {
    return await work()
  } finally {
    await held[Symbol.asyncDispose]()
  }
}

async function waitForName(name: string, limitMs: number): Promise<AsyncDisposable> {
  const end = Date.now() + limitMs
  for (;;) {
    const held = await takeName(name)
    if (held !== undefined) return held
    if (Date.now() > end) throw new Error(`Another process has held ${name} for ${limitMs} ms`)
    await wait(50)
  }
}
