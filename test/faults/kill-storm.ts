import { setTimeout as wait } from 'node:timers/promises'
import type { BotProcess } from '#src/sandbox/bot.ts'
import { cast } from '#src/sandbox/stage.ts'
import { approve, askFor, connected, type Watcher } from '#test/faults/people.ts'
import type { Chance } from '#test/faults/seeded.ts'
import { approvers, responders, type Theatre } from '#test/faults/theatre.ts'

/** What happened while the bot was killed again and again. */
export interface StormReport {
  readonly kills: number
  /** What the kills hit, e.g. `chat.postMessage`. */
  readonly hit: readonly string[]
  readonly trouble: readonly string[]
  /** Decisions that the bot took ("Noted"), as `approver login`. */
  readonly noted: readonly string[]
  /** The ids of the forms that stood before somebody, by `approver login`. */
  readonly forms: ReadonlyMap<string, readonly string[]>
}

const repliesEach = 4 // the request, two decisions, the result

/** How many messages stand in the channel, roots and replies. */
export function progress(theatre: Theatre): number {
  return theatre.slack.messages(cast.channel).reduce((sum, root) => sum + 1 + root.replies.length, 0)
}

/** True once every task's message says that it ended well and its thread is complete. */
export function isOver(theatre: Theatre): boolean {
  const roots = theatre.slack.messages(cast.channel)
  return roots.length >= theatre.logins.length && roots.every(isDone)
}

/** True when a task's message says that it ended well and its thread is complete. */
export function isDone(root: { readonly text: string; readonly replies: readonly unknown[] }): boolean {
  return root.text.includes(': Successful.') && root.replies.length >= repliesEach
}

/**
 * Has people ask and decide about everybody while bots are killed, or ended otherwise, and started again. Ends when every
 * task has ended; throws when that takes longer than `limitMs`.
 */
export async function storm(
  theatre: Theatre,
  options: {
    readonly chance: Chance
    readonly kills: number
    readonly limitMs: number
    /** How a bot is ended; killed, if nothing else is said. */
    readonly end?: (bot: BotProcess) => Promise<void>
  },
): Promise<StormReport> {
  const { slack, logins } = theatre
  const { chance } = options
  const hit: string[] = []
  const trouble: string[] = []
  const noted: string[] = []
  const forms = new Map<string, string[]>()
  const watcher: Watcher = {
    kills: () => hit.length,
    trouble: (error) => void trouble.push(error),
    opened: (userId, login, viewId) => {
      const key = `${userId} ${login}`
      forms.set(key, [...(forms.get(key) ?? []), viewId])
    },
    isLost: (before) => theatre.stages.length === 1 && hit.length > before && slack.sockets.count() > 0,
  }
  const running = theatre.stages.map((_, replica) => theatre.start(replica))
  await connected(slack)

  const asking = responders.map(async (id, index) => {
    for (const login of logins.filter((_, place) => place % responders.length === index))
      await askFor(slack, slack.as(id), login, watcher)
  })
  const deciding = approvers.map(async (id) => {
    for (const login of inFlow(chance, logins))
      if ((await approve(slack, slack.as(id), login, watcher)) === 'noted') noted.push(`${id} ${login}`)
  })
  const killing = killAll(theatre, { ...options, running, hit })
  await Promise.all([...asking, ...deciding, killing]).catch((error: unknown) => {
    const last = trouble.slice(-10).join('; ')
    throw new Error(`people's last trouble: ${last}; killed at: ${hit.join(', ')}`, { cause: error })
  })
  await slack.waitUntil(() => isOver(theatre), { timeoutMs: options.limitMs, what: 'the end of all tasks' })
  return { kills: hit.length, hit, trouble, noted, forms }
}

/** Everybody, roughly in the order in which they are asked for: nobody waits for a task that comes last. */
function inFlow(chance: Chance, logins: readonly string[]): readonly string[] {
  const groups: string[][] = []
  for (let at = 0; at < logins.length; at += responders.length)
    groups.push(logins.slice(at, at + responders.length))
  return groups.flatMap((group) => chance.shuffled(group))
}

async function killAll(
  theatre: Theatre,
  storming: {
    readonly chance: Chance
    readonly kills: number
    readonly running: BotProcess[]
    readonly hit: string[]
    readonly end?: (bot: BotProcess) => Promise<void>
  },
): Promise<void> {
  const { chance, kills, running, hit } = storming
  const all = theatre.logins.length * (repliesEach + 1)
  for (let kill = 0; kill < kills; kill += 1) {
    // Spread over the whole of the work, the last edits included.
    const from = Math.floor((all * kill) / kills)
    await soon(theatre, () => progress(theatre) >= from, 10_000)
    await connected(theatre.slack)
    const moment = chooseMoment(theatre, chance)
    await moment.comes
    await wait(chance.between(0, 25)) // not always the very instant: also a little later
    const index = chance.between(0, running.length - 1)
    const bot = running[index]!
    await (storming.end === undefined ? bot.kill() : storming.end(bot))
    hit.push(moment.name)
    running[index] = theatre.start(index)
  }
}

const methods = [
  ...['views.open', 'views.update', 'users.info', 'usergroups.users.list'],
  ...['chat.postMessage', 'chat.postMessage', 'chat.update', 'chat.postEphemeral', 'chat.getPermalink'],
]

/** A moment in which the bot is doing something: a call of a method comes in, or a piece on its way to the directory. */
function chooseMoment(theatre: Theatre, chance: Chance): { readonly name: string; comes: Promise<unknown> } {
  const { slack, proxy } = theatre
  const dice = chance.between(1, 10)
  const limit = AbortSignal.timeout(6_000)
  const late = new Promise<void>((resolve) => {
    limit.addEventListener('abort', () => resolve(), { once: true })
  })
  if (dice <= 4) {
    const pieces = chance.between(1, 40)
    return { name: `directory (${pieces})`, comes: Promise.race([proxy.afterPieces(pieces), late]) }
  }
  const method = dice <= 9 ? chance.oneOf(methods) : undefined
  const more = method === undefined ? chance.between(1, 40) : chance.between(1, 3)
  const count = (): number =>
    method === undefined ? slack.calls.length : slack.calls.filter((call) => call.method === method).length
  const target = count() + more
  return { name: `${method ?? 'any call'} (${more})`, comes: soon(theatre, () => count() >= target, 6_000) }
}

async function soon(theatre: Theatre, look: () => boolean, timeoutMs: number): Promise<void> {
  await theatre.slack.waitUntil(look, { timeoutMs }).catch(() => {})
}
