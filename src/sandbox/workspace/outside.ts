import { z } from 'zod'
import type { SystemControl } from '#src/sandbox/estate.ts'
import type { BotKeeper } from '#src/sandbox/workspace/bot-keeper.ts'

/** What a person does outside of Slack, as JSON. */
export const OutsideDoing = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ask_sign_ins') }),
  z.strictObject({ kind: z.literal('enable_behind'), system: z.string() }),
  z.strictObject({ kind: z.literal('take_down'), system: z.string() }),
  z.strictObject({ kind: z.literal('bring_back'), system: z.string() }),
  z.strictObject({ kind: z.literal('kill_bot') }),
  z.strictObject({ kind: z.literal('start_bot') }),
])
export type OutsideDoing = z.infer<typeof OutsideDoing>

/** What a system said when Alice tried to sign in. */
export type SignInAnswer = 'works' | 'refused' | 'no_answer'

/** What is known outside of Slack. Sign-ins are what was answered at `askedAtMs`, nothing more. */
export interface OutsideState {
  readonly systems: readonly {
    readonly id: string
    readonly title: string
    readonly isDown: boolean
    readonly signIn: { readonly answer: SignInAnswer; readonly askedAtMs: number } | undefined
  }[]
  readonly bot: ReturnType<BotKeeper['state']>
}

/** The directories and the bot, as seen and touched from outside of Slack. */
export interface Outside {
  readonly state: () => OutsideState
  /** Does it, and answers a sentence about what was done. */
  readonly act: (doing: OutsideDoing) => Promise<string>
}

/** The outside of one sandbox. */
export function createOutside(systems: readonly SystemControl[], bot: BotKeeper): Outside {
  const down = new Set<string>()
  const answers = new Map<string, { readonly answer: SignInAnswer; readonly askedAtMs: number }>()
  const system = (id: string): SystemControl => {
    const found = systems.find((each) => each.id === id)
    if (found === undefined) throw new Error(`there is no system ${id}`)
    return found
  }
  const ask = async (one: SystemControl): Promise<void> => {
    const answer = down.has(one.id) ? 'no_answer' : await signInAnswer(one)
    answers.set(one.id, { answer, askedAtMs: Date.now() })
  }
  return {
    state: () => ({
      systems: systems.map(({ id, title }) => ({ id, title, isDown: down.has(id), signIn: answers.get(id) })),
      bot: bot.state(),
    }),
    act: async (doing) => {
      switch (doing.kind) {
        case 'ask_sign_ins':
          await Promise.all(systems.map(ask))
          return 'Every system was asked just now.'
        case 'enable_behind':
          if (down.has(doing.system)) return `${doing.system} is down. Bring it back first.`
          await system(doing.system).enable()
          await ask(system(doing.system))
          return `Alice was enabled in ${doing.system}, past Drawbridge. It looks again soon after a Disable, and tells in the thread.`
        case 'take_down':
          await system(doing.system).takeDown()
          down.add(doing.system)
          return `${doing.system} answers nobody now.`
        case 'bring_back':
          await system(doing.system).bringBack()
          down.delete(doing.system)
          return `${doing.system} answers again.`
        case 'kill_bot':
          await bot.kill()
          return 'The bot was killed in the middle of whatever it was doing.'
        case 'start_bot':
          bot.start()
          return 'The bot starts. It goes on where it was.'
      }
    },
  }
}

async function signInAnswer(one: SystemControl): Promise<SignInAnswer> {
  try {
    return (await one.signsIn()) ? 'works' : 'refused'
  } catch {
    return 'no_answer'
  }
}
