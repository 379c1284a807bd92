import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

/** A port on which connection attempts are neither accepted nor refused, as behind a firewall that drops packets. */
export interface DeafListener extends AsyncDisposable {
  readonly port: number
}

// The process sleeps for good right after it began to listen, so the kernel's short queue is all there is.
const listener = `
const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** Starts one, with its queue full. */
export async function startDeafListener(): Promise<DeafListener> {
  const child = spawn(process.execPath, ['-e', listener], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [chunk] = await once(child.stdout, 'data')
  const port = Number(String(chunk))
  const fillers: Socket[] = []
  while (await isTaken(port, fillers));
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of fillers) socket.destroy()
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function isTaken(port: number, fillers: Socket[]): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  fillers.push(socket)
  return once(socket, 'connect', { signal: AbortSignal.timeout(200) }).then(
    () => true,
    () => false,
  )
}
