import type { Delivery } from '#src/outbox/relay.ts'
import { type NoticeDeps, tellUndeliverable } from '#src/slack/tell-owners.ts'

const channelAgainMs = 60_000
const channelProblems = new Set([
  ...['not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action'],
  ...['restricted_action_read_only_channel', 'restricted_action_thread_only_channel'],
  // What chat.update says of an archived channel.
  'is_inactive',
])

/** A channel that does not take the bot's messages keeps them waiting, and owners are told. */
export async function inChannel(
  deps: NoticeDeps,
  channel: string,
  taskId: string,
  post: () => Promise<Delivery>,
): Promise<Delivery> {
  const delivery = await post()
  if (delivery.kind !== 'dead' || !channelProblems.has(delivery.reason)) return delivery
  await tellUndeliverable(deps, { channel, taskId, why: delivery.reason })
  return { kind: 'later', until: new Date(deps.clock.now().getTime() + channelAgainMs) }
}
