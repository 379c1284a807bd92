import { bolt } from '#test/sandbox/slack/workspace.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { isObject, type Json } from '#src/sandbox/json.ts'

/** A Bolt app that notes every body, and acknowledges with what `answer` says (undefined: an empty acknowledgement). */
export async function recorder(
  slack: Slack,
  answer: (body: Json) => unknown = () => undefined,
): Promise<readonly Json[]> {
  const bodies: Json[] = []
  await bolt(slack, (app) => {
    app.use(async (args) => {
      const body: unknown = args.body
      if (!isObject(body)) return
      bodies.push(body)
      const ack: unknown = 'ack' in args ? args.ack : undefined // events were acknowledged by Bolt itself
      const reply = answer(body)
      if (typeof ack === 'function' && reply !== never) await ack(reply)
    })
  })
  return bodies
}

/** The answer of an app that never acknowledges. */
export const never = Symbol('never')
