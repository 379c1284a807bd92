import type { Json } from '#src/sandbox/json.ts'
import { object, objects, text } from '#src/sandbox/json.ts'
import { ClientRefusal, optionOf } from '#src/sandbox/slack/people/choose.ts'
import { elementsOf, type Placed } from '#src/sandbox/slack/views/elements.ts'
import { plainWords } from '#src/sandbox/slack/render/words.ts'

/**
 * Finds one element by its action_id, its block_id, `BLOCK_ID/ACTION_ID`, or the words on it (a button's text, an input's label). With
 * `value` only the button with that value, when several share their action_id. Throws `ClientRefusal` when there is none.
 */
export function find(blocks: readonly Json[], name: string, value?: string): Placed {
  const all = elementsOf(blocks).filter((each) => value === undefined || each.element['value'] === value)
  const found =
    all.find((each) => each.actionId === name) ??
    all.find((each) => each.blockId === name) ??
    all.find((each) => `${each.blockId}/${each.actionId}` === name) ??
    all.find((each) => label(each) === name)
  if (found !== undefined) return found
  const there = elementsOf(blocks).map((each) => `${each.blockId}/${each.actionId} [${label(each)}]`)
  throw new ClientRefusal(`there is no ${name} to press or fill in, only: ${there.join(', ') || 'nothing'}`)
}

function label({ block, element }: Placed): string {
  if (element['type'] === 'button') return plainWords(object(element['text']))
  return plainWords(object(block['label']))
}

/** The action of pressing a button or choosing in a menu, as payloads carry it. */
export function actionOf(placed: Placed, actionTs: string, state: Json | undefined): Json {
  const { element, blockId, actionId } = placed
  const common = { type: element['type'], action_id: actionId, block_id: blockId, action_ts: actionTs }
  if (state !== undefined) return { ...state, ...common }
  return {
    ...common,
    ...(element['text'] !== undefined && { text: element['text'] }),
    ...(element['value'] !== undefined && { value: element['value'] }),
    ...(element['style'] !== undefined && { style: element['style'] }),
  }
}

/** The action of choosing in an overflow menu. */
export function overflowAction(placed: Placed, actionTs: string, wanted: string): Json {
  return { ...actionOf(placed, actionTs, undefined), selected_option: optionOf(placed.element, wanted) }
}

/** The ids of a view's input blocks, which alone can carry errors. */
export function inputBlockIds(content: Json): ReadonlySet<string> {
  const inputs = objects(content['blocks']).filter((block) => block['type'] === 'input')
  return new Set(inputs.map((block) => text(block['block_id'])))
}
