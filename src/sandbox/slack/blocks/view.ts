import type { Json } from '#src/sandbox/slack/json.ts'
import { invalidArguments } from '#src/sandbox/slack/methods/method.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** Refuses a view that Slack would refuse. */
export function checkView(_world: World, view: Json, kind: 'modal' | 'home'): void {
  if (view['type'] !== kind) throw invalidArguments(`must be ${kind} [json-pointer:/view/type]`)
}
