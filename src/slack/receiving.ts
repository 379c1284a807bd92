import { setTimeout as wait } from 'node:timers/promises'
import type { App } from '@slack/bolt'
import { z } from 'zod'
import type { Log } from '#src/slack/context.ts'
import { createTurns } from '#src/slack/turns.ts'

/** One payload from Slack, whichever way it came. */
export interface Incoming {
  readonly body: Readonly<Record<string, unknown>>
  /** Answers Slack; only the first call counts. */
  readonly ack: (response?: unknown) => Promise<void>
  readonly retryNum?: number | undefined
  readonly retryReason?: string | undefined
}

/** True the first time a key is seen; false afterwards, in any process. Backed by the database. */
export type FirstSeen = (key: string) => Promise<boolean>

/** Hands payloads to Bolt and knows how many are still being worked on. */
export interface Intake {
  /** Never throws; whatever happens, Slack is answered. */
  readonly take: (incoming: Incoming) => Promise<void>
  /** Resolves when what is being worked on now has ended, or after the time. */
  readonly settle: (limitMs: number) => Promise<void>
}

const EventBody = z.object({ type: z.literal('event_callback'), event_id: z.string() })

/** `app` is asked for late, because Bolt is built around its receiver. */
export function createIntake(deps: {
  readonly app: () => App
  readonly firstSeen: FirstSeen
  readonly log: Log
}): Intake {
  const running = new Set<Promise<void>>()
  const turns = createTurns()

  async function work(incoming: Incoming): Promise<void> {
    let answered = false
    const ack = async (response?: unknown) => {
      if (answered) return
      answered = true
      await incoming.ack(response)
      // Looking people up and opening forms costs more than acknowledging: what came at the same moment is answered first.
      await turns.turn()
    }
    try {
      if (await isNew(incoming.body))
        await deps.app().processEvent({ ...deliveryFacts(incoming), body: { ...incoming.body }, ack })
    } catch (error) {
      deps.log.error({ err: error }, 'A payload of Slack could not be worked on')
    }
    // What no listener takes (closed forms, legacy payloads) must not look like a failure to the person.
    await ack().catch((error: unknown) =>
      deps.log.warn({ err: error }, 'Slack did not take an acknowledgement'),
    )
  }

  async function isNew(body: Incoming['body']): Promise<boolean> {
    const event = body['type'] === 'event_callback' ? EventBody.safeParse(body).data : undefined
    return event === undefined || (await deps.firstSeen(`slack-event:${event.event_id}`))
  }

  return {
    take: (incoming) => {
      turns.arrived()
      const promise = work(incoming).finally(() => running.delete(promise))
      running.add(promise)
      return promise
    },
    settle: async (limitMs) => {
      if (running.size === 0) return
      const limit = new AbortController()
      await Promise.race([
        Promise.all(running),
        wait(limitMs, undefined, { signal: limit.signal, ref: false }),
      ])
      limit.abort()
    },
  }
}

function deliveryFacts(incoming: Incoming) {
  return {
    ...(incoming.retryNum !== undefined && { retryNum: incoming.retryNum }),
    ...(incoming.retryReason !== undefined && { retryReason: incoming.retryReason }),
  }
}
