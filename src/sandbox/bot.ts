import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { programEnvironment } from '#src/sandbox/environment.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The bot in a process of its own, as an operator runs it. */
export interface BotProcess extends AsyncDisposable {
  readonly pid: number
  /** What it has printed so far. */
  readonly output: () => string
  /** Its exit status; resolves when it has ended (128 + the signal's number when killed). */
  readonly ended: Promise<number>
  /** Ends it at once, in whatever it is doing. */
  kill(): Promise<void>
}

/** Starts `drawbridge start` with this configuration file and these secrets. Disposing asks it to stop and waits. */
export function startBot(options: {
  readonly configFile: string
  readonly secrets: Readonly<Record<string, string>>
}): BotProcess {
  const child = spawn(process.execPath, [main, 'start'], {
    env: programEnvironment({ ...options.secrets, DRAWBRIDGE_CONFIG: options.configFile }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => void (output += chunk.toString())
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : 137))
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  }
}
