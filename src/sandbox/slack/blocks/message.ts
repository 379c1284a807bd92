import { Refusal } from '#src/sandbox/slack/methods/method.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** Refuses blocks that Slack would refuse in a message. */
export function checkBlocks(_world: World, blocks: unknown): void {
  if (blocks !== undefined && !Array.isArray(blocks)) throw new Refusal('invalid_blocks_format')
}
