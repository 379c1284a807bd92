import type { EventContext } from '#src/slack/context.ts'
import type { EventListener } from '#src/slack/define.ts'
import { type Edge, listenerSignal, refuseStranger } from '#src/slack/listening/edge.ts'
import type { EventCallback } from '#src/slack/listening/payloads.ts'

/**
 * Runs one event. Slack has its answer already, and there is nobody to answer: what goes wrong is for the log. Who it is
 * about is not looked up: the listener only has it written down. Never throws.
 */
export async function runEvent<S>(
  edge: Edge<S>,
  listener: EventListener<S>,
  body: EventCallback,
): Promise<void> {
  const facts = { event: listener.name }
  try {
    const read = listener.read(body.event)
    if (read === undefined) return
    const { userId } = read
    const sender = { userId, teamId: body.team_id, enterpriseId: body.enterprise_id ?? undefined }
    const origin = { sender, workspaceId: body.team_id }
    if (await refuseStranger(edge, origin, { userId, tried: listener.name })) return
    const ctx: EventContext<S> = { services: edge.services, log: edge.log, signal: listenerSignal(edge) }
    await read.run(ctx)
  } catch (error) {
    edge.log.error({ ...facts, err: error, reference: edge.newReference() }, 'An event could not be taken')
  }
}
