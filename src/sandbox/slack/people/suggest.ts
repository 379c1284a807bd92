import { complain } from '#src/sandbox/slack/calls.ts'
import { option, optionGroup } from '#src/sandbox/slack/blocks/parts.ts'
import type { Json } from '#src/sandbox/json.ts'
import { object, objects, text } from '#src/sandbox/json.ts'
import { ClientRefusal } from '#src/sandbox/slack/people/choose.ts'
import type { Placed } from '#src/sandbox/slack/views/elements.ts'
import type { Carrier } from '#src/sandbox/slack/wire/carrier.ts'
import type { World } from '#src/sandbox/slack/world.ts'
import { z } from 'zod'

const answers = z.union([
  z.strictObject({ options: z.array(option).max(100) }),
  z.strictObject({ option_groups: z.array(optionGroup).max(100) }),
])

/** Asks the app for the options of an external select. No good answer in time is no options, as people see it. */
export async function suggestions(
  deps: { readonly world: World; readonly carrier: Carrier },
  placed: Placed,
  query: string,
  payload: Json,
): Promise<readonly Json[]> {
  const type = text(placed.element['type'])
  if (!type.endsWith('external_select')) throw new ClientRefusal(`a ${type} asks nobody`)
  const min = placed.element['min_query_length']
  if (query.length < (typeof min === 'number' ? min : 3)) return []
  const delivery = await deps.carrier.send({ kind: 'interactive', payload })
  if (delivery.kind === 'failed') return []
  if (!answers.safeParse(delivery.payload).success) {
    complain(deps.world, `options for ${placed.actionId}: ${JSON.stringify(delivery.payload)}`)
    return []
  }
  const answer = object(delivery.payload)
  const grouped = objects(answer['option_groups']).flatMap((group) => objects(group['options']))
  return [...objects(answer['options']), ...grouped]
}
