import { setTimeout as wait } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Struck } from '#src/sandbox/http/fault-plan.ts'
import type { Fault } from '#src/sandbox/slack/faults.ts'
import type { Json } from '#src/sandbox/json.ts'

/** What is answered. */
export interface Reply {
  readonly status: number
  readonly body: Json
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Lets a call happen with the fault that struck it, and notes what became of it. Answers undefined when no answer goes out: the
 * connection is cut then.
 */
export async function answerWithFaults(options: {
  readonly context: Context<{ Bindings: HttpBindings }>
  readonly struck: Struck<Fault> | undefined
  readonly happen: () => Reply
  readonly done: (status: number, result: Json) => void
}): Promise<Reply | undefined> {
  const { context, struck, done } = options
  let happened: Reply | undefined
  const happen = (): Reply => {
    happened = options.happen()
    done(happened.status, happened.body)
    return happened
  }
  const lose = (): void => {
    done(0, happened === undefined ? {} : { ...happened.body, lost: true })
    context.env.incoming.socket.destroy()
  }
  const refuse = (reply: Reply): Reply => {
    done(reply.status, reply.body)
    return reply
  }
  if (struck === undefined) return happen()
  const { fault, lifted } = struck
  switch (fault.kind) {
    case 'rate_limited':
      return refuse(tooMany(fault.retryAfterSeconds))
    case 'status':
      return refuse({ status: fault.status, body: { message: 'upstream connect error' } })
    case 'error':
      return refuse({ status: 200, body: { ok: false, error: fault.error } })
    case 'slow': {
      const reply = happen()
      await Promise.race([wait(fault.delayMs, undefined, { ref: false }), lifted])
      return reply
    }
    case 'cut':
      break
    case 'lose_answer':
      happen()
      break
    case 'hang':
      await ends(context, lifted)
      break
    case 'hang_after':
      happen()
      await ends(context, lifted)
      break
  }
  lose()
  return undefined
}

/** Slack's 429. */
export function tooMany(seconds: number): Reply {
  return {
    status: 429,
    body: { ok: false, error: 'ratelimited' },
    headers: { 'retry-after': String(seconds) },
  }
}

// The fault is lifted, or the caller gives up.
function ends(context: Context<{ Bindings: HttpBindings }>, lifted: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  context.env.incoming.socket.once('close', resolve)
  return Promise.race([lifted, promise])
}
