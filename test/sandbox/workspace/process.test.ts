import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { programEnvironment } from '#src/sandbox/environment.ts'

const main = fileURLToPath(new URL('../../../src/sandbox/main.ts', import.meta.url))

/** The processes that this one has started, and those that they have started. */
function offspring(pid: number): readonly number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number)
  return children.flatMap((child) => [child, ...offspring(child)])
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2])
  } catch {
    return undefined
  }
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  'The sandbox prints its address, answers there, and ends cleanly at %s with nothing left running',
  { timeout: 150_000 },
  async (signal) => {
    const child = spawn(process.execPath, [main, '--built-in', '--port', '0'], {
      env: programEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let output = ''
    const address = new Promise<string>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          const found = /Open (http:\/\/127\.0\.0\.1:\d+\/)\n/u.exec(output)?.[1]
          if (found !== undefined) resolve(found)
        })
      child.once('exit', (code) => reject(new Error(`ended with ${code}: ${output}`)))
    })
    const url = await address
    const page = await fetch(`${url}as/rita/security`, { signal: AbortSignal.timeout(10_000) })
    expect(await page.text()).toContain('You are Rita Responder')
    const stream = await fetch(`${url}live/as/rita/security`)
    const started = offspring(child.pid ?? 0)
    expect(started.length).toBeGreaterThan(0)
    child.kill(signal)
    const [code] = await once(child, 'exit')
    expect(code, output).toBe(0)
    expect(started.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
    await expect(fetch(url, { signal: AbortSignal.timeout(10_000) })).rejects.toThrow('fetch failed')
    await stream.body?.cancel().catch(() => {})
  },
)

it(
  'The sandbox ends cleanly when somebody changes their mind while it starts',
  { timeout: 45_000 },
  async () => {
    const child = spawn(process.execPath, [main, '--built-in', '--port', '0'], {
      env: programEnvironment(),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    await expect.poll(() => offspring(child.pid ?? 0).length, { timeout: 20_000 }).toBeGreaterThan(0)
    const started = offspring(child.pid ?? 0)
    child.kill('SIGINT')
    expect((await ended)[0]).toBe(0)
    expect(started.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  },
)
