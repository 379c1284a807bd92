import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import type { Trigger, World } from '#src/sandbox/slack/world.ts'

/** A new `trigger_id` for something a person just did. */
export function makeTrigger(world: World, userId: string, viewId?: string): string {
  const id = world.ids.trigger()
  world.triggers.set(id, { id, userId, madeAt: world.now(), used: false, viewId })
  return id
}

/** Uses a `trigger_id` up. Throws when it is unknown, older than 3 s or was used before. */
export function useTrigger(world: World, id: string): Trigger {
  const trigger = world.triggers.get(id)
  if (trigger === undefined) throw new Refusal('invalid_trigger_id')
  if (trigger.used) throw new Refusal('exchanged_trigger_id')
  if (world.now() - trigger.madeAt > world.limits.triggerMs) throw new Refusal('expired_trigger_id')
  world.triggers.set(id, { ...trigger, used: true })
  return trigger
}
