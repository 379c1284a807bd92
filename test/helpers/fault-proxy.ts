import { once } from 'node:events'
import { type Socket, connect, createServer } from 'node:net'
import { messageLength } from '#src/iam/ldap/frames.ts'

/** LDAP operations by the tag of their request (RFC 4511); a response has the next even tag's number plus one. */
export const requestTags = { bind: 0x60, search: 0x63, modify: 0x66, extended: 0x77 } as const

/** What goes wrong, and at which operation; encrypted connections are told apart by nothing, so only `black_hole` fits them. */
export interface Fault {
  readonly kind:
    | 'black_hole' // nothing is ever forwarded
    | 'cut_before' // the request is swallowed, the connection ends
    | 'cut_during' // half of the request is forwarded, the connection ends
    | 'cut_after' // the request is forwarded, its answer is not, the connection ends
    | 'keep_silent' // the request is forwarded, its answer and all else is not
    | 'stop_after_answer' // the answer is forwarded, all else is not
    | 'garbage' // the answer is replaced by something that is not LDAP
    | 'hold_up' // the request waits until `meanwhile` is done, then all goes on
  readonly at: keyof typeof requestTags
  /** Only for requests that hold none of these bytes, e.g. the OID of a control. */
  readonly without?: string
  /** How often it goes wrong; then all is well again. */
  readonly times?: number
  /** What happens while a request is held up. */
  readonly meanwhile?: () => Promise<void>
  /** Once it went wrong, nobody gets through any more. */
  readonly thenGone?: boolean
}

/** A TCP proxy in front of a server that can be told to misbehave. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** From now on. Undefined: all is well. */
  fail(fault: Fault | undefined): void
  /** Cuts everything that is open. */
  cutAll(): void
  /** Sockets that clients have open now, and how many they opened in all. */
  open(): number
  opened(): number
}

/** Starts the proxy on a free port of 127.0.0.1. */
export async function startFaultProxy(to: { host: string; port: number }): Promise<FaultProxy> {
  let fault: Fault | undefined
  let left = 0
  let opened = 0
  const pairs = new Set<readonly [Socket, Socket]>()
  let gone = false
  const take = (request: Buffer): Fault['kind'] | undefined => {
    const tag = operationTag(request)
    if (fault?.without !== undefined && request.includes(fault.without)) return undefined
    if (fault === undefined || left === 0 || (fault.kind !== 'black_hole' && tag !== requestTags[fault.at]))
      return undefined
    left -= 1
    gone = fault.thenGone === true
    return fault.kind
  }
  const server = createServer((client) => {
    opened += 1
    if (gone) return void client.destroy()
    const upstream = connect(to)
    const pair = [client, upstream] as const
    pairs.add(pair)
    const cut = (): void => pair.forEach((socket) => socket.destroy())
    for (const socket of pair) socket.on('error', cut).on('close', () => (cut(), pairs.delete(pair)))
    let doom: Fault['kind'] | undefined
    client.on('data', (chunk: Buffer) => {
      doom ??= take(chunk)
      if (doom === 'black_hole') return
      if (doom === 'hold_up') {
        doom = undefined
        return void fault?.meanwhile?.().then(() => upstream.write(chunk), cut)
      }
      if (doom === 'cut_before') return cut()
      if (doom === 'cut_during') return void upstream.write(chunk.subarray(0, chunk.length / 2), cut)
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => {
      if (doom === undefined) return void client.write(chunk)
      if (doom === 'cut_after') return cut()
      if (doom === 'garbage') client.write('HTTP/1.1 400 Bad Request\r\n\r\n')
      if (doom === 'stop_after_answer') client.write(chunk)
      if (doom === 'stop_after_answer' || doom === 'garbage') doom = 'black_hole'
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    fail: (next) => {
      fault = next
      gone = false
      left = next?.times ?? Number.POSITIVE_INFINITY
    },
    cutAll: () => pairs.forEach((pair) => pair.forEach((socket) => socket.destroy())),
    open: () => pairs.size,
    opened: () => opened,
    [Symbol.asyncDispose]: async () => {
      for (const pair of pairs) pair.forEach((socket) => socket.destroy())
      await once(server.close(), 'close')
    },
  }
}

/** The tag of the one request in a chunk; undefined when the chunk is no LDAP message. */
function operationTag(chunk: Buffer): number | undefined {
  const length = messageLength(chunk)
  if (typeof length !== 'number') return undefined
  const body = chunk.length - length
  return chunk[body + 2 + (chunk[body + 1] ?? 0)]
}
