import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { inspect } from 'node:util'
import { expect, vi } from 'vitest'
import { stringify } from 'yaml'
import { linesOfStream } from '#db/queries/outbox.ts'
import { type App, createApp } from '#src/app.ts'
import { loadConfig } from '#src/config.ts'
import type { Person } from '#src/sandbox/slack/people/person.ts'
import type { Modal } from '#src/sandbox/slack/people/modal.ts'
import { type Slack, type SlackMessage, startSlack } from '#src/sandbox/slack/index.ts'
import { listeners } from '#src/slack/listeners.ts'
import { taskIdIn } from '#src/tasks/task-id.ts'
import { createKeptLog, type KeptLog } from '#test/helpers/kept-log.ts'
import { createRunningClock, type RunningClock } from '#test/helpers/running-clock.ts'

/** The workspace's people: rita, rob ask; ana, abel, paul decide (paul may ask, too); omar looks on; olga owns; nora may nothing. */
export const ids = {
  rita: 'U0RITA',
  rob: 'U0ROB',
  ana: 'U0ANA',
  abel: 'U0ABEL',
  paul: 'U0PAUL',
  omar: 'U0OMAR',
  olga: 'U0OLGA',
  nora: 'U0NORA',
  approvers: 'S0APPROVERS',
  managers: 'S0MANAGERS',
  channel: 'C0SECURITY',
  elsewhere: 'C0ELSEWHERE',
} as const
type Name = 'rita' | 'rob' | 'ana' | 'abel' | 'paul' | 'omar' | 'olga' | 'nora'
const names: readonly Name[] = ['rita', 'rob', 'ana', 'abel', 'paul', 'omar', 'olga', 'nora']

const roles = {
  viewer: [ids.omar],
  responder: [ids.rita, ids.rob, ids.paul],
  approver: [ids.approvers],
  owner: [ids.olga],
}

/** What a test wants otherwise. */
export interface BotOptions {
  /** Entries of `iam_systems`, as in the configuration file. */
  readonly systems: readonly object[]
  /** Merged over the top level of the configuration file. */
  readonly changes?: Readonly<Record<string, unknown>>
  /** Whether the bot is a member of the tasks' channel; default yes. */
  readonly inChannel?: boolean
  /** Secrets that the entries of `systems` name, beside LDAP_PASSWORD. */
  readonly env?: Readonly<Record<string, string>>
  /** Set where a test provokes what belongs into the log as an error. */
  readonly mayLogErrors?: boolean
  /** Slack takes no more calls than it documents, by the bot's own clock. Left out: as many as come. */
  readonly withRates?: boolean
}

type Found<T> = T | undefined | null | false

/** The whole bot, connected to a workspace of its own, and what a test does with it. */
export interface Bot extends AsyncDisposable, Readonly<Record<Name, Person>> {
  readonly app: App
  readonly slack: Slack
  readonly clock: RunningClock
  readonly log: KeptLog
  /** Waits until the look gives something. Puts the clock forward a little with each look, so that paced messages need not wait. */
  until<T>(what: string | (() => string), look: () => Found<T> | Promise<Found<T>>): Promise<T>
  /** Ends what is under way, lets time pass, and does all that has become due meanwhile. What hangs is not waited for. */
  pass(ms: number): Promise<void>
  /** Types a command and waits for the form with what was found. */
  form(who: Person, line: string): Promise<Modal>
  /** Asks for a task and waits for its message; answers its id. */
  ask(who: Person, line: string): Promise<string>
  /** Presses the button on the task's message and sends the form; answers the form. */
  decide(who: Person, taskId: string, verdict: 'Approve' | 'Reject', note?: string): Promise<Modal>
  /** Presses the button and answers what it showed. */
  press(who: Person, taskId: string, name: string, option?: string): Promise<void>
  /** Waits until the form on top of this person's screen says this. */
  sees(who: Person, sentence: string | RegExp): Promise<string>
  /** The task's own message, as it stands. */
  root(taskId: string): SlackMessage
  /** Waits until the task's message says this status, and until all that was said in its thread by then stands there. */
  status(taskId: string, status: string): Promise<SlackMessage>
  /** The task's thread as people read it. */
  thread(taskId: string): string
  /** Waits until the thread says this. */
  says(taskId: string, sentence: string | RegExp): Promise<string>
  /** Waits until something only this person sees says this; answers all of it. */
  told(who: Person, sentence: string | RegExp): Promise<string>
  /** Waits until this modal says this. */
  shows(modal: Modal, sentence: string | RegExp): Promise<string>
  /** Ids of all tasks that have a message, oldest first. */
  taskIds(): readonly string[]
}

/**
 * Starts the bot in this process against a strict local Slack. When it is disposed it checks what holds for every test:
 * nobody was pinged as a whole channel, every message has a text of its own, Slack had nothing to complain about, and
 * nothing went wrong unexpectedly.
 */
export async function startBot(options: BotOptions): Promise<Bot> {
  await using stack = new AsyncDisposableStack()
  const clock = createRunningClock()
  const pace =
    options.withRates === true ? { now: () => clock.now().getTime() } : { limits: { rateScale: Infinity } }
  const slack = stack.use(await startWorkspace(pace, options.inChannel ?? true))
  const log = createKeptLog()
  const app = await createApp({ config: await configFor(slack, options), clock, log })
  stack.defer(async () => {
    slack.faults.clear()
    await app.stop(2_000)
  })
  await app.start()
  const owned = stack.move()
  return {
    ...people(slack),
    ...deeds({ slack, app, clock, log }),
    [Symbol.asyncDispose]: async () => {
      await owned.disposeAsync()
      checkAlways(slack, options.mayLogErrors === true ? undefined : log)
    },
  }
}

// What the manifest makes known to Slack: its client offers nothing else.
const offered = {
  commands: listeners.filter((one) => one.kind === 'command'),
  shortcuts: listeners.filter((one) => one.kind === 'shortcut'),
  events: listeners.filter((one) => one.kind === 'event').map((one) => one.name),
}

async function startWorkspace(pace: Parameters<typeof startSlack>[0], withBot: boolean): Promise<Slack> {
  const slack = await startSlack({ ...pace, ...offered })
  for (const name of names) slack.addUser({ id: ids[name], name })
  slack.addUserGroup({ id: ids.approvers, handle: 'approvers', users: [ids.ana, ids.abel, ids.paul] })
  slack.addUserGroup({ id: ids.managers, handle: 'managers', users: [ids.olga] })
  slack.addChannel({ id: ids.channel, name: 'security', withBot })
  slack.addChannel({ id: ids.elsewhere, name: 'elsewhere', withBot: false })
  return slack
}

async function configFor(slack: Slack, options: BotOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-e2e-'))
  const path = join(folder, 'drawbridge.yaml')
  const file = {
    slack: {
      mode: 'socket',
      bot_token: '${BOT_TOKEN}',
      app_token: '${APP_TOKEN}',
      api_url: slack.apiUrl,
      file_hosts: ['127.0.0.1'],
      channels: { default: ids.channel },
    },
    database: { url: 'sqlite::memory:' },
    iam_systems: options.systems,
    roles,
    ...options.changes,
  }
  await writeFile(path, stringify(file))
  const env = {
    BOT_TOKEN: slack.botToken,
    APP_TOKEN: slack.appToken,
    LDAP_PASSWORD: 'sandbox-service-password',
    ...options.env,
  }
  const loaded = loadConfig({ path, env })
  await rm(folder, { recursive: true })
  if (loaded.kind === 'mistakes') throw new Error(JSON.stringify(loaded.mistakes))
  // Any free port: several bots may run at the same time.
  return { ...loaded.config, operations: { ...loaded.config.operations, port: 0 } }
}

function people(slack: Slack): Readonly<Record<Name, Person>> {
  const at = (name: Name) => slack.as(ids[name])
  return {
    rita: at('rita'),
    rob: at('rob'),
    ana: at('ana'),
    abel: at('abel'),
    paul: at('paul'),
    omar: at('omar'),
    olga: at('olga'),
    nora: at('nora'),
  }
}

function deeds(
  parts: Pick<Bot, 'slack' | 'app' | 'clock' | 'log'>,
): Omit<Bot, Name | typeof Symbol.asyncDispose> {
  const { slack, app, clock } = parts
  const roots = () => slack.messages(ids.channel).filter((message) => taskIdIn(message.text) !== undefined)
  const root = (taskId: string): SlackMessage => {
    const found = roots().find((message) => message.text.includes(taskId))
    if (found === undefined) throw new Error(`no message about ${taskId}: ${slack.renderThread(ids.channel)}`)
    return found
  }
  const thread = (taskId: string) => slack.renderThread(ids.channel, { threadTs: root(taskId).ts })
  const until: Bot['until'] = (what, look) => {
    let looks = 0
    return vi.waitFor(
      async () => {
        const found = await look()
        if (found !== undefined && found !== null && found !== false) return found
        // Edits are paced; leases must not run out by it.
        looks += 1
        if (looks <= 30) clock.move(100)
        await app.relay.relayAllDue()
        const wanted = typeof what === 'string' ? what : what()
        throw new Error(`waited in vain for ${wanted}; the channel says:\n${slack.renderThread(ids.channel)}`)
      },
      { timeout: 20_000, interval: 15 },
    )
  }
  /** Edits and replies go out side by side, so neither tells that the other stands. */
  const isTold = async (taskId: string) => {
    const lines = await app.store.read((ctx) => linesOfStream(ctx, taskId))
    const isUnderWay = ({ state, notBefore }: (typeof lines)[number]) =>
      state === 'sending' || (state === 'waiting' && notBefore <= clock.now())
    return !lines.some(isUnderWay)
  }
  const isAtWork = async () =>
    await app.store.read(async (ctx) => {
      const { jobs, outbox } = ctx.t
      const states = [
        ...(await ctx.q.select({ state: jobs.state }).from(jobs)),
        ...(await ctx.q.select({ state: outbox.state }).from(outbox)),
      ]
      return states.some(({ state }) => state === 'executing' || state === 'sending')
    })
  // The bot's own loops may have taken what is due before us.
  const settle = async () => {
    for (const since = Date.now(); Date.now() - since < 3_000;) {
      const done = (await app.runner.runAllDue()) + (await app.relay.relayAllDue())
      if (done > 0) continue
      if (!(await isAtWork())) return
      await wait(10)
    }
  }
  const reads = async (what: string, text: () => string, sentence: string | RegExp) =>
    await until(
      () => `${what} to say ${String(sentence)}, not: ${text()}`,
      () => matches(text(), sentence) && text(),
    )
  const bot: Omit<Bot, Name | typeof Symbol.asyncDispose> = {
    ...parts,
    until,
    root,
    thread,
    pass: async (ms) => {
      await settle()
      clock.move(ms)
      await settle()
    },
    form: async (who, line) => {
      await who.command(ids.channel, line)
      return await who.modal(formOf(line))
    },
    ask: async (who, line) => {
      const known = new Set(bot.taskIds())
      const form = await bot.form(who, line)
      if (line.startsWith('/enable')) await form.fill('safe', ['verified'])
      const sent = await form.submit()
      if (sent.kind !== 'cleared') throw new Error(`the form was not taken: ${form.read()}`)
      return await until('the message of the task', () => bot.taskIds().find((id) => !known.has(id)))
    },
    decide: async (who, taskId, verdict, note) => {
      await who.press(root(taskId), verdict)
      const form = await who.modal(`${verdict.toLowerCase()}_task`)
      if (note !== undefined) await form.fill('note', note)
      await form.submit()
      return form
    },
    press: async (who, taskId, name, option) => {
      await who.press(root(taskId), name, option === undefined ? {} : { option })
    },
    status: (taskId, status) =>
      until(`${taskId} to be ${status}`, async () => {
        const message = roots().find((one) => one.text.includes(taskId))
        return message?.text.includes(`: ${status}.`) === true && (await isTold(taskId)) && message
      }),
    says: (taskId, sentence) => reads(`the thread of ${taskId}`, () => thread(taskId), sentence),
    told: (who, sentence) => reads(who.userId, () => privately(who), sentence),
    shows: (modal, sentence) => reads('the form', () => modal.read(), sentence),
    sees: (who, sentence) =>
      reads(`what ${who.userId} sees`, () => who.modals().at(-1)?.read() ?? '', sentence),
    taskIds: () => roots().map((message) => taskIdIn(message.text) ?? ''),
  }
  return bot
}

function formOf(line: string): string {
  const command = line.split(' ')[0] ?? ''
  return command.slice(1).replaceAll('-', '_')
}

function matches(text: string, sentence: string | RegExp): boolean {
  return typeof sentence === 'string' ? text.includes(sentence) : sentence.test(text)
}

function privately(who: Person): string {
  return [...who.ephemerals(), ...who.directMessages()].map((message) => message.text).join('\n')
}

function checkAlways(slack: Slack, log: KeptLog | undefined): void {
  expect(slack.complaints).toEqual([])
  expect(slack.pings.filter((ping) => ping.kind !== 'user' && ping.kind !== 'group')).toEqual([])
  const posts = slack.calls.filter((call) => /^chat\.(post|update)/u.test(call.method))
  const silent = posts.filter(({ args: { text } }) => typeof text !== 'string' || text.trim() === '')
  expect(silent).toEqual([])
  const errors = log?.lines.filter((line) => line.level === 'error') ?? []
  // One text, so that a report shows all of it.
  expect(errors.map(({ message, facts }) => `${message}: ${inspect(facts)}`).join('\n')).toBe('')
}
