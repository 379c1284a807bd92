import { isFree } from '#src/sandbox/directories/server-process.ts'
import { takeName } from '#src/sandbox/lock.ts'

/** A loopback address that no other process of ours uses until this is disposed. */
export interface HeldAddress extends AsyncDisposable {
  readonly address: string
}

const first = 20
const last = 119

/**
 * Finds an address of 127.0.0.0/8 of which these ports are free, and holds it against the other processes of this
 * machine. Throws when there is none or when the ports may not be opened (below 1024 they need root).
 */
export async function holdLoopbackAddress(ports: readonly number[]): Promise<HeldAddress> {
  for (let part = first; part <= last; part += 1) {
    const address = `127.0.0.${part}`
    const held = await takeName(`address/${address}`)
    if (held === undefined) continue
    const free = await Promise.all(ports.map((port) => isFree(address, port)))
    if (free.every(Boolean)) return { address, [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() }
    await held[Symbol.asyncDispose]()
  }
  throw new Error(`No loopback address has the ports ${ports.join(', ')} free`)
}
