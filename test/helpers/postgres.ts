import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { openStore } from '#db/store.ts'
import { sandboxEnvironment } from '#src/sandbox/environment.ts'
import { ensurePackages } from '#src/sandbox/packages.ts'
import { mustRun, run } from '#src/sandbox/run.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The address of the test run's own PostgreSQL, without a database; empty where there is none. */
    postgresUrl: string
  }
}

/** A PostgreSQL server of this test run alone. */
export interface TestPostgres {
  /** The address of its first database. */
  readonly url: string
  stop(): Promise<void>
}

/** A database on the server that has all tables: copying it is faster than making them for each test. */
export const templateName = 'with_tables'

/** The same server, another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

/**
 * Starts a private PostgreSQL on a socket in a directory of its own, installing the Debian package when it is missing.
 * Without one the answer is undefined, said loudly, and on a build server an error: tests must not pass by not running.
 */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const found = (await programs()) ?? (await installed())
  if (typeof found === 'string') return await launch(found)
  const message = `PostgreSQL is not there, so half of the store's tests would not run: ${found.reason}`
  if (sandboxEnvironment().onBuildServer) throw new Error(message)
  process.stderr.write(`\n*** SKIPPED: ${message} ***\n\n`)
  return undefined
}

async function programs(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const newest = versions.toSorted((one, other) => Number(other) - Number(one))[0]
  if (newest !== undefined) return `/usr/lib/postgresql/${newest}/bin`
  const { code, output } = await run('pg_config', ['--bindir'])
  return code === 0 ? output.trim() : undefined
}

async function installed(): Promise<string | { readonly reason: string }> {
  const report = await ensurePackages(['postgresql'])
  return (await programs()) ?? { reason: report.reason ?? 'the package holds no server' }
}

async function launch(bin: string): Promise<TestPostgres> {
  const home = await mkdtemp(join(tmpdir(), 'drawbridge-postgres-'))
  await chmod(home, 0o711)
  const as = await ordinaryUser(home)
  const data = join(home, 'data')
  const [initdb, ...initArgs] = as(join(bin, 'initdb'), [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-sync',
    '--locale=C.UTF-8',
  ])
  await mustRun(initdb, initArgs)
  const settings = [
    // Nothing here outlives the test run.
    'fsync=off',
    'full_page_writes=off',
    'synchronous_commit=off',
    'wal_level=minimal',
    'max_wal_senders=0',
    'listen_addresses=',
    `unix_socket_directories=${home}`,
    'max_connections=200',
  ]
  const [server, ...serverArgs] = as(
    join(bin, 'postgres'),
    ['-D', data].concat(settings.flatMap((one) => ['-c', one])),
  )
  const child = spawn(server, serverArgs, { stdio: ['ignore', 'ignore', 'pipe'], cwd: home })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = once(child, 'exit')
  const url = `postgres://postgres@localhost/postgres?host=${encodeURIComponent(home)}`
  const stop = async (): Promise<void> => {
    child.kill('SIGINT') // "fast shutdown": ends the sessions that are left
    await ended
    await rm(home, { recursive: true, force: true })
  }
  try {
    await answers(url, () => child.exitCode !== null)
    await onServer(url, `CREATE DATABASE ${templateName}`)
    await (await openStore(databaseUrl(url, templateName))).close()
  } catch (error) {
    await stop()
    throw new Error(`PostgreSQL did not start: ${output.slice(-2_000)}`, { cause: error })
  }
  return { url, stop }
}

type As = (program: string, args: readonly string[]) => readonly [string, ...string[]]

/** PostgreSQL refuses root, so root becomes somebody else; it also ends with its parent, however that ends. */
async function ordinaryUser(home: string): Promise<As> {
  const dies = ['--pdeathsig', 'INT']
  if (process.getuid?.() !== 0) return (program, args) => ['setpriv', ...dies, program, ...args]
  const name = (await run('id', ['-u', 'postgres'])).code === 0 ? 'postgres' : 'nobody'
  const uid = Number(await mustRun('id', ['-u', name]))
  const gid = Number(await mustRun('id', ['-g', name]))
  await chown(home, uid, gid)
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups']
  return (program, args) => ['setpriv', ...ids, ...dies, program, ...args]
}

async function answers(url: string, hasEnded: () => boolean): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    try {
      await client.connect()
      return
    } catch (error) {
      if (hasEnded() || tries === 300) throw error
      await wait(50)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/** Runs one statement on the server, for what tests do around the store. */
export async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
