import { type ChildProcess, spawn } from 'node:child_process'
import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { programEnvironment } from '#src/sandbox/environment.ts'

/** A server that was started here. Disposing ends exactly this process and waits until it is gone. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number
  /** The last part of what it printed, for messages about failures. */
  output(): string
}

/** What to start, and which address answers once it is ready. */
export interface ServerCommand {
  readonly program: string
  readonly args: readonly string[]
  readonly ready: { readonly host: string; readonly ports: readonly number[] }
}

// util-linux, which every Debian and Ubuntu has.
const endsWithUs = 'setpriv'
const startLimitMs = 30_000

/** Starts a server in the foreground and waits until it accepts connections. Throws with its output when it ends first. */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  // The kernel ends it when we end, even when we are killed and can't do it ourselves.
  const child = spawn(endsWithUs, ['--pdeathsig', 'SIGKILL', command.program, ...command.args], {
    env: programEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-8_000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.once('error', (error) => void (output += error.message))
  const stopWithUs = (): void => void child.kill('SIGKILL')
  process.once('exit', stopWithUs)
  const end = async (): Promise<void> => {
    process.removeListener('exit', stopWithUs)
    await stop(child)
  }
  try {
    await untilReady(child, command.ready)
  } catch (error) {
    await end()
    throw new Error(`${command.program} did not start: ${output.trim()}`, { cause: error })
  }
  return { pid: child.pid ?? 0, output: () => output, [Symbol.asyncDispose]: end }
}

async function untilReady(child: ChildProcess, ready: ServerCommand['ready']): Promise<void> {
  const end = Date.now() + startLimitMs
  for (const port of ready.ports) {
    while (!(await accepts(ready.host, port))) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
        throw new Error('It ended')
      if (Date.now() > end) throw new Error(`No answer on ${ready.host}:${port}`)
      await wait(20)
    }
  }
}

/** Whether something accepts connections there. */
export async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return open
}

// The handle of the child is what is signalled, never a name: nobody else's server can be hit.
async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => void child.kill('SIGKILL'), 3_000)
  await gone
  clearTimeout(late)
}

// Below those that Linux gives to connections and to servers that take any (32768 and above): nobody is given one of these
// before the server opens it for which it was found.
const lowestPort = 20_000
const highestPort = 32_000

/** Ports on 127.0.0.1 that nothing listened on a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort))
    if (await isFree('127.0.0.1', port)) ports.add(port)
  }
  return [...ports]
}

/** Whether a server could listen there. Throws when we may not (below 1024 that needs root). */
export async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen({ port, host, exclusive: true })
  try {
    await once(server, 'listening')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
    throw error
  }
  await once(server.close(), 'close')
  return true
}
