import type { BotProcess } from '#src/sandbox/bot.ts'

/** The bot of a sandbox, which can be killed and started again. Disposing stops it. */
export interface BotKeeper extends AsyncDisposable {
  readonly state: () =>
    | { readonly kind: 'running'; readonly pid: number }
    | { readonly kind: 'ended'; readonly status: number }
  /** Kills it at once. */
  readonly kill: () => Promise<void>
  /** Starts it, if it does not run. */
  readonly start: () => void
  /** What the bot that was started last has printed. */
  readonly output: () => string
  /** Resolves when the bot that runs now has ended. */
  readonly ended: () => Promise<number>
  /** Calls the listener when a bot was started or has ended; answers what ends that. */
  readonly onChange: (listener: () => void) => () => void
}

const stopLimitMs = 5_000

/** Starts the bot and keeps it. */
export function keepBot(startBot: () => BotProcess): BotKeeper {
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  let status: number | undefined
  const start = (): BotProcess => {
    const started = startBot()
    status = undefined
    const note = async (): Promise<void> => {
      const code = await started.ended
      if (started === bot) status = code
      tell()
    }
    void note()
    return started
  }
  let bot = start()
  return {
    state: () => (status === undefined ? { kind: 'running', pid: bot.pid } : { kind: 'ended', status }),
    kill: () => bot.kill(),
    start: () => {
      if (status === undefined) return
      bot = start()
      tell()
    },
    output: () => bot.output(),
    ended: () => bot.ended,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    // Its database goes with the sandbox, so nobody has to wait for a bot that is slow to stop.
    [Symbol.asyncDispose]: async () => {
      const late = setTimeout(() => void bot.kill(), stopLimitMs)
      await bot[Symbol.asyncDispose]()
      clearTimeout(late)
    },
  }
}
