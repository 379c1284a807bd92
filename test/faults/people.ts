import {
  ClientRefusal,
  type Modal,
  type Person,
  type Slack,
  type SlackMessage,
} from '#src/sandbox/slack/index.ts'
import { cast } from '#src/sandbox/stage.ts'
import { taskIdIn } from '#src/tasks/task-id.ts'

/** What people count while they work with a bot that may die under their hands. */
export interface Watcher {
  /** How often a bot was killed so far. */
  kills(): number
  /** What people saw going wrong, by Slack's own words. */
  trouble(error: string): void
  /** A form for a decision about this login stood before this person. */
  opened(userId: string, login: string, viewId: string): void
  /** True when a form that nobody fills will stay like that, because the only bot died. */
  isLost(killsBefore: number): boolean
}

type Decided = 'noted' | 'not needed'
type Root = SlackMessage & { readonly replies: readonly SlackMessage[] }

/** The messages of the tasks about somebody. There should be one. */
export function rootsAbout(slack: Slack, login: string): readonly Root[] {
  const name = new RegExp(`\\b${login}\\b`, 'u')
  return slack.messages(cast.channel).filter((message) => name.test(message.text))
}

const patienceMs = 8_000
const limitMs = 400_000

/** Waits until some bot is connected: before that, nobody can type a command. */
export async function connected(slack: Slack): Promise<void> {
  await slack.waitUntil(() => slack.sockets.count() > 0, { timeoutMs: 120_000, what: 'a connected bot' })
}

/** Does something again and again until it gives an answer. Throws when that takes too long. */
async function untilDone<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + limitMs; performance.now() < end;) {
    const done = await attempt()
    if (done !== undefined) return done
  }
  throw new Error(`${what} did not succeed in ${limitMs} ms`)
}

/** Notes what went wrong; where the connection is gone, waits until Slack has noticed. */
async function hadTrouble(slack: Slack, watcher: Watcher, error: string): Promise<undefined> {
  watcher.trouble(error)
  const before = slack.sockets.open().join()
  if (error === 'dispatch_failed')
    await slack.waitUntil(() => slack.sockets.open().join() !== before, { timeoutMs: 5_000 }).catch(() => {})
}

/** Asks to disable somebody as people do: where something went wrong they look whether it happened, else do it again. */
export async function askFor(slack: Slack, who: Person, login: string, watcher: Watcher): Promise<void> {
  await untilDone(`asking for ${login}`, async () => {
    if (rootsAbout(slack, login).length > 0) return true
    await connected(slack)
    // A form about somebody else that still stands there would be taken for this one.
    await leave(who)
    const kills = watcher.kills()
    const typed = await who.command(cast.channel, `/disable-user ${login}@corp.example Killed ${login}`)
    if (typed.kind === 'trouble') return await hadTrouble(slack, watcher, typed.error)
    const form = await shown(slack, who, kills, watcher, { id: 'disable_user', login })
    if (form !== undefined && (await sent(slack, form, login, watcher))) return true
    await leave(who)
    return undefined
  })
}

async function sent(slack: Slack, form: Modal, login: string, watcher: Watcher): Promise<boolean> {
  return await untilDone(`the form about ${login}`, async () => {
    if (!form.isOpen()) return false
    // A late answer may stand there by now.
    if (form.view().content['submit'] === undefined) return /already|is done/u.test(form.read())
    await connected(slack)
    const answer = await form.submit()
    if (answer.kind === 'cleared' || answer.kind === 'closed') return true
    if (answer.kind === 'updated') return form.read().includes('already') // it names the task that covers it
    await hadTrouble(slack, watcher, answer.kind === 'trouble' ? answer.error : JSON.stringify(answer))
    return rootsAbout(slack, login).length > 0 ? true : undefined
  })
}

/** Approves the task about somebody, unless enough others did. Answers whether the bot took the decision ("Noted"). */
export async function approve(slack: Slack, who: Person, login: string, watcher: Watcher): Promise<Decided> {
  await slack.waitUntil(() => rootsAbout(slack, login).length > 0, {
    timeoutMs: limitMs,
    what: `the task about ${login}`,
  })
  return await untilDone<Decided>(`the decision about ${login}`, async () => {
    const [root] = rootsAbout(slack, login)
    if (root === undefined) throw new Error(`the message about ${login} is gone`)
    if (root.replies.some((reply) => reply.text.includes(`<@${who.userId}> approved`))) return 'noted'
    await connected(slack)
    await leave(who)
    const kills = watcher.kills()
    const pressed = await pressApprove(who, root)
    if (pressed === 'no button') return 'not needed'
    if (pressed !== undefined) return await hadTrouble(slack, watcher, pressed)
    const form = await shown(slack, who, kills, watcher, { id: 'approve_task', login })
    if (form !== undefined) watcher.opened(who.userId, login, form.id)
    const outcome = form === undefined ? undefined : await decided(slack, form, watcher)
    await leave(who)
    return outcome
  })
}

async function pressApprove(who: Person, root: SlackMessage): Promise<string | undefined> {
  try {
    const pressed = await who.press(root, 'Approve')
    return pressed.kind === 'trouble' ? pressed.error : undefined
  } catch (error) {
    if (error instanceof ClientRefusal) return 'no button'
    throw error
  }
}

/**
 * Waits until the form says that the decision was taken. On a busy machine it says "Working on it" first, which promises
 * nothing: when the bot dies then, people press again.
 */
async function saysNoted(slack: Slack, form: Modal): Promise<'noted' | 'closed'> {
  const says = () => !form.isOpen() || /Noted\.|You approved|already/u.test(form.read())
  const said = await slack.waitUntil(says, { timeoutMs: patienceMs }).catch(() => false)
  return said && form.isOpen() ? 'noted' : 'closed'
}

async function decided(slack: Slack, form: Modal, watcher: Watcher): Promise<Decided | undefined> {
  if (form.view().content['submit'] === undefined) return 'not needed'
  const outcome = await untilDone<Decided | 'closed'>('a decision', async () => {
    if (!form.isOpen()) return 'closed'
    if (form.view().content['submit'] === undefined) return await saysNoted(slack, form)
    await connected(slack)
    const answer = await form.submit()
    if (answer.kind === 'updated') return await saysNoted(slack, form)
    const said = answer.kind === 'trouble' ? answer.error : JSON.stringify(answer)
    if (said.includes('already decided')) return 'noted'
    return await hadTrouble(slack, watcher, said)
  })
  return outcome === 'closed' ? undefined : outcome
}

/**
 * The form about this person once it is filled, or one that says why there is none. Undefined: it will not come. A form
 * about somebody else may come late, from a press before the kill: people read whom it is about.
 */
async function shown(
  slack: Slack,
  who: Person,
  kills: number,
  watcher: Watcher,
  wanted: { readonly id: string; readonly login: string },
): Promise<Modal | undefined> {
  const heard = who.ephemerals().length
  const found = await slack
    .waitUntil(
      () => {
        const top = who.modals().at(-1)
        const said = top?.read() ?? ''
        const taskId = taskIdIn(rootsAbout(slack, wanted.login)[0]?.text ?? '') ?? 'no task'
        const isAbout = new RegExp(`\\b(${wanted.login}|${taskId})\\b`, 'u').test(said)
        if (top?.view().content['callback_id'] === wanted.id && isAbout) return top
        // A sentence in place of the form, when the task was decided meanwhile.
        if (top !== undefined && isAbout && /was already|already decided/u.test(said)) return top
        const isRefused = who.ephemerals().length > heard
        return watcher.isLost(kills) || isRefused ? ('lost' as const) : undefined
      },
      { timeoutMs: patienceMs },
    )
    .catch(() => 'lost' as const)
  return found === 'lost' ? undefined : found
}

async function leave(who: Person): Promise<void> {
  for (const modal of who.modals().slice(0, 1)) await modal.close('all')
}
