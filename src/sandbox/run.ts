import { spawn } from 'node:child_process'
import { programEnvironment } from '#src/sandbox/environment.ts'

/** How a program is run to its end. */
export interface RunOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Where its output goes as it appears; it is collected in any case. */
  readonly onOutput?: (text: string) => void
}

/** How a program ended. `output` holds both of its streams. A program that can't be started ends with code 127. */
export interface RunResult {
  readonly code: number
  readonly output: string
}

/** Runs a program to its end, without a shell. Never throws because of its exit code. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      env: programEnvironment(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 120_000,
      killSignal: 'SIGKILL',
    })
    let output = ''
    const collect = (chunk: Buffer): void => {
      output += chunk.toString()
      options.onOutput?.(chunk.toString())
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.stdin.on('error', () => {}) // a program that does not read its input is fine
    child.once('error', (error) => resolve({ code: 127, output: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
    child.stdin.end(options.input ?? '')
  })
}

/** Runs a program that must succeed. Throws with its output. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, output } = await run(program, args, options)
  if (code !== 0)
    throw new Error(`${program} ${args.slice(0, 3).join(' ')} ended with ${code}: ${output.trim()}`)
  return output
}
