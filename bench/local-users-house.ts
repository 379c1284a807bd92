import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { z } from 'zod'
import type { Estate } from '#src/sandbox/estate.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { cast } from '#src/sandbox/stage.ts'
import { startBenchBot, startBenchSlack } from './house.ts'

/** A whole bot with local users and a mail server that takes everything, each in a process of its own. */
export interface LocalHouse extends AsyncDisposable {
  readonly slack: Slack
  /** Waits until the admin's window says this. */
  says(sentence: string): Promise<void>
  /** Sends a file through the form and starts its import. */
  startImport(file: Buffer): Promise<void>
  /** Starts one action over everybody. */
  startAll(action: 'resend' | 'delete', people: number): Promise<void>
  /** Whether the batch that was started last is still at work. Throws where it failed. */
  isAtWork(): Promise<boolean>
}

const Batch = z.object({ state: z.string(), failed: z.coerce.number() })

/** Starts one; SQLite on disk where no address says otherwise. The workspace's owner manages local users. */
export async function startLocalHouse(estate: Estate, postgresUrl?: string): Promise<LocalHouse> {
  await using stack = new AsyncDisposableStack()
  const sink = fork(fileURLToPath(new URL('bare/mail-sink.ts', import.meta.url)))
  stack.defer(() => sink.disconnect())
  const [message] = await once(sink, 'message')
  const { port } = z.object({ port: z.number() }).parse(message)
  const { slack } = await startBenchSlack(0)
  stack.use(slack)
  const changes = {
    roles: {
      responder: [cast.responder],
      approver: [cast.approvers],
      owner: [cast.owner],
      local_user_admin: [cast.owner],
    },
    web: { public_url: 'https://access.corp.example', secret: 'w'.repeat(32), port: 0 },
    mail: { smtp_url: `smtp://127.0.0.1:${port}`, from: 'Drawbridge <no-reply@corp.example>' },
  }
  const running = stack.use(await startBenchBot(slack, estate, changes, postgresUrl))
  const newest = await watchBatches(stack, postgresUrl ?? running.databaseFile)
  const olga = slack.as(cast.owner)
  const now = () => {
    const window = olga.modals().at(-1)
    if (window === undefined) throw new Error('there is no window')
    return window
  }
  const says = async (sentence: string) => {
    await slack.waitUntil(() => olga.modals().at(-1)?.read().includes(sentence), {
      what: sentence,
      timeoutMs: 120_000,
    })
  }
  const open = async () => {
    await olga.command(cast.channel, '/local-users')
    await says('Import CSV')
  }
  const owned = stack.move()
  return {
    slack,
    says,
    async startImport(file) {
      await open()
      await now().press('Import CSV')
      await says('Nothing is imported before')
      await now().attach('file', [{ name: 'people.csv', content: file }])
      await now().submit()
      await says('* new')
      await now().submit()
      await now().close('all')
    },
    async startAll(action, people) {
      await open()
      await now().press('Manage all accounts …')
      await says('All accounts')
      await now().fill('action', action)
      await now().fill('typed', String(people))
      await now().submit()
      await now().close('all')
    },
    async isAtWork() {
      const { state, failed } = Batch.parse(await newest())
      if (state === 'failed' || failed > 0) throw new Error('the batch did not do its work')
      return state !== 'done'
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Answers the row of the batch that was asked for last, from a file or a server. */
async function watchBatches(stack: AsyncDisposableStack, where: string): Promise<() => Promise<unknown>> {
  const query = 'select state, failed from batches order by seq desc limit 1'
  if (!where.startsWith('postgres:')) {
    const database = new Database(where, { readonly: true })
    stack.defer(() => void database.close())
    const statement = database.prepare(query)
    return async () => statement.get()
  }
  const client = new Client({ connectionString: where })
  await client.connect()
  stack.defer(() => client.end())
  return async () => (await client.query(query)).rows[0]
}
