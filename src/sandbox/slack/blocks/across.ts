import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '#src/sandbox/slack/blocks/problems.ts'
import {
  blockSurfaces,
  elementSurfaces,
  type Surface,
  surfaceNames,
} from '#src/sandbox/slack/blocks/surfaces.ts'
import type { Json } from '#src/sandbox/json.ts'
import { isObject, objects, someText, text } from '#src/sandbox/json.ts'
import { elementsOf, type Placed } from '#src/sandbox/slack/views/elements.ts'

/** What no single block can know: ids used twice, options that are not offered, blocks that don't belong there. */
export function acrossBlocks(blocks: readonly Json[], surface: Surface, root: string): readonly Problem[] {
  return [
    ...blocks.flatMap((block, index) => wrongSurface(block, surface, `${root}/${index}`)),
    ...twice(
      blocks.map((block) => block['block_id']),
      (id, index) => ({ pointer: `${root}/${index}/block_id`, sentence: `block_id ${id} already exists` }),
    ),
    ...blocks.flatMap((block, index) => insideBlock(block, surface, `${root}/${index}`)),
    ...tooManyFocused(blocks, root),
  ]
}

function wrongSurface(block: Json, surface: Surface, pointer: string): readonly Problem[] {
  const type = text(block['type'])
  if (blockSurfaces[type]?.includes(surface) !== false) return []
  return [{ pointer, sentence: `${type} is not supported in ${surfaceNames[surface]}` }]
}

function insideBlock(block: Json, surface: Surface, pointer: string): readonly Problem[] {
  const placed = elementsOf([block])
  const elements =
    block['type'] === 'actions' ? objects(block['elements']) : [block['accessory'], block['element']]
  const taskIds = block['type'] === 'plan' ? objects(block['tasks']).map((task) => task['task_id']) : []
  return [
    ...twice(
      placed.map(({ element }) => element['action_id']),
      (id) => ({ pointer, sentence: `action_id ${id} already exists for this block` }),
    ),
    ...twice(taskIds, (id) => ({ pointer, sentence: `task_id ${id} already exists` })),
    ...elements.filter(isObject).flatMap((element) => insideElement(element, surface, pointer)),
  ]
}

function insideElement(element: Json, surface: Surface, pointer: string): readonly Problem[] {
  const type = text(element['type'])
  const sentences = [
    elementSurfaces[type]?.includes(surface) === false &&
      `${type} is not supported in ${surfaceNames[surface]}`,
    ...optionSentences(element, type),
    ...lengthSentences(element, type),
  ]
  return sentences.filter((each) => each !== false).map((sentence) => ({ pointer, sentence }))
}

function optionSentences(element: Json, type: string): readonly (string | false)[] {
  if (
    type !== 'static_select' &&
    type !== 'multi_static_select' &&
    type !== 'checkboxes' &&
    type !== 'radio_buttons'
  )
    return []
  const groups = objects(element['option_groups'])
  const own = objects(element['options'])
  const all = [...own, ...groups.flatMap((group) => objects(group['options']))]
  const wanted = [element['initial_option'], ...objects(element['initial_options'])].filter(isObject)
  return [
    own.length > 0 === groups.length > 0 && 'must have one of options and option_groups',
    wanted.some((one) => !all.some((each) => isDeepStrictEqual(each, one))) &&
      'initial_option must be one of the options, exactly as it stands there',
    new Set(all.map((each) => each['value'])).size < all.length && 'options must have different values',
  ]
}

function lengthSentences(element: Json, type: string): readonly (string | false)[] {
  if (type !== 'plain_text_input') return []
  const min = Number(element['min_length'] ?? 0)
  const max = Number(element['max_length'] ?? 3000)
  return [
    min > max && 'min_length must not be more than max_length',
    (someText(element['initial_value'])?.length ?? 0) > max &&
      'initial_value must not be longer than max_length',
  ]
}

function tooManyFocused(blocks: readonly Json[], root: string): readonly Problem[] {
  const focused = elementsOf(blocks).filter(({ element }: Placed) => element['focus_on_load'] === true)
  return focused.length > 1 ? [{ pointer: root, sentence: 'only one element can have focus_on_load' }] : []
}

function twice(ids: readonly unknown[], problem: (id: string, index: number) => Problem): readonly Problem[] {
  return ids.flatMap((id, index) =>
    typeof id === 'string' && ids.indexOf(id) < index ? [problem(id, index)] : [],
  )
}
