import { once } from 'node:events'
import { controlsOf, type Estate, startEstate } from '#src/sandbox/estate.ts'
import { type LocalUsersPart, startLocalUsers } from '#src/sandbox/mailbox/local-users.ts'
import { seedLocalUsers } from '#src/sandbox/mailbox/seed.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { cast, castMembers, setStage, startWorkspace } from '#src/sandbox/stage.ts'
import { type BotKeeper, keepBot } from '#src/sandbox/workspace/bot-keeper.ts'
import { readManifest } from '#src/sandbox/workspace/manifest.ts'
import { createOutside } from '#src/sandbox/workspace/outside.ts'
import { serveWorkspace } from '#src/sandbox/workspace/server.ts'

/** All of it while it runs; disposing ends all that was started. */
export interface Sandbox extends AsyncDisposable {
  readonly url: string
  readonly slack: Slack
  readonly estate: Estate
  readonly local: LocalUsersPart
  readonly bot: BotKeeper
}

/**
 * Starts the directories, the workspace with its page, the mailbox and the bot, and has local users come as people would. Throws when the bot
 * ends, or when the signal comes before all is there; then nothing is left running either.
 */
export async function startSandbox(options: {
  readonly installed: Parameters<typeof startEstate>[0]
  /** Of the page; 0 takes any that is free. */
  readonly port: number
  readonly signal: AbortSignal
}): Promise<Sandbox> {
  const { signal } = options
  await using stack = new AsyncDisposableStack()
  const manifest = readManifest()
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone
  const estate = stack.use(await startEstate(options.installed))
  signal.throwIfAborted()
  const slack = stack.use(await startWorkspace({ ...manifest.slackOptions, tz }))
  const local = stack.use(await startLocalUsers())
  const stage = stack.use(await setStage({ slack, estate, changes: { ...changes, ...local.settings } }))
  const bot = stack.use(keepBot(() => stage.start()))
  const page = stack.use(
    await serveWorkspace({
      ...{ slack, manifest, cast: castMembers, mailbox: local.mailbox },
      channels: { security: cast.channel, 'local-users': cast.localUsersChannel },
      links: { signIn: local.signInUrl, wiki: local.wikiUrl },
      outside: createOutside(controlsOf(estate), bot),
      port: options.port,
      alsoChanges: [bot.onChange, local.mailbox.onMail],
    }),
  )
  await unlessItEnds(bot, signal, async () => {
    await slack.waitUntil(() => slack.sockets.count() >= 2, { what: 'the bot', timeoutMs: 60_000 })
    await seedLocalUsers({ slack, mailbox: local.mailbox })
  })
  const owned = stack.move()
  const all = { url: page.url, slack, estate, local, bot }
  return { ...all, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

// Somebody who tries what drift looks like does not wait five minutes for it.
const changes = { enforcement: { drift_checks: ['15s', '2m'] } }

async function unlessItEnds(bot: BotKeeper, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const done = work()
  const ended = bot.ended().then((code) => {
    throw new Error(`the bot ended with status ${code}:\n${bot.output()}`)
  })
  // Whatever loses the race may still fail later, and nobody waits for it then.
  for (const each of [done, ended]) each.catch(() => {})
  await Promise.race([done, ended, once(signal, 'abort')])
  signal.throwIfAborted()
}
