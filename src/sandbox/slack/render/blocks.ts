import type { Json } from '#src/sandbox/json.ts'
import { isObject, object, objects, text } from '#src/sandbox/json.ts'
import { type Reader, renderElement, renderText } from '#src/sandbox/slack/render/elements.ts'
import { renderRichText } from '#src/sandbox/slack/render/rich-text.ts'

/** Blocks as lines of plain text, as people read them from top to bottom. */
export function renderBlocks(reader: Reader, blocks: readonly Json[]): readonly string[] {
  return blocks.flatMap((block) => renderBlock(reader, block)).flatMap((line) => line.split('\n'))
}

function renderBlock(reader: Reader, block: Json): readonly string[] {
  const blockId = text(block['block_id'])
  switch (text(block['type'])) {
    case 'section':
      return section(reader, block, blockId)
    case 'header':
      return [`# ${renderText(reader, block['text'])}`]
    case 'divider':
      return ['────────']
    case 'actions':
    case 'context_actions':
      return [
        objects(block['elements'])
          .map((each) => renderElement(reader, each, blockId))
          .join(' '),
      ]
    case 'context':
      return [
        objects(block['elements'])
          .map((each) =>
            each['type'] === 'image' ? renderElement(reader, each, blockId) : renderText(reader, each),
          )
          .join(' · '),
      ]
    case 'image':
      return [`(picture: ${text(block['alt_text'])})`]
    case 'input':
      return input(reader, block, blockId)
    case 'rich_text':
      return renderRichText(reader.world, block, reader.tz)
    case 'markdown':
      return [text(block['text'])]
    case 'alert':
      return [`! ${renderText(reader, block['text'])}`]
    case 'plan':
      return [text(block['title']), ...objects(block['tasks']).flatMap((task) => taskCard(reader, task))]
    case 'task_card':
      return taskCard(reader, block)
    case 'table':
    case 'data_table':
      return table(reader, block)
    case 'card':
      return card(reader, block)
    case 'carousel':
      return objects(block['elements']).flatMap((each) => card(reader, each))
    case 'container':
      return [
        renderText(reader, block['title']),
        ...renderBlocks(reader, objects(block['child_blocks'])).map((line) => `  ${line}`),
      ]
    default:
      return [`(a block of type ${text(block['type'])})`]
  }
}

function section(reader: Reader, block: Json, blockId: string): readonly string[] {
  const accessory = block['accessory']
  return [
    ...(block['text'] === undefined ? [] : [renderText(reader, block['text'])]),
    ...objects(block['fields']).map((field) => renderText(reader, field)),
    ...(isObject(accessory) ? [renderElement(reader, accessory, blockId)] : []),
  ]
}

function input(reader: Reader, block: Json, blockId: string): readonly string[] {
  const label = `${renderText(reader, block['label'])}${block['optional'] === true ? ' (optional)' : ''}`
  const hint = renderText(reader, block['hint'])
  return [
    label,
    ...renderElement(reader, object(block['element']), blockId)
      .split('\n')
      .map((line) => `  ${line}`),
    ...(hint === '' ? [] : [`  ${hint}`]),
  ]
}

const signs: Readonly<Record<string, string>> = { pending: '○', in_progress: '◐', complete: '✔', error: '✖' }

function taskCard(reader: Reader, task: Json): readonly string[] {
  const parts = [task['details'], task['output']].filter(isObject)
  const lines = parts.flatMap((part) => renderRichText(reader.world, part, reader.tz))
  return [
    `${signs[text(task['status'])] ?? '?'} ${text(task['title'])}`,
    ...lines.map((line) => `    ${line}`),
  ]
}

function card(reader: Reader, block: Json): readonly string[] {
  const words = [block['title'], block['subtitle'], block['body']].filter(isObject)
  const buttons = objects(block['actions']).map((each) =>
    renderElement(reader, each, text(block['block_id'])),
  )
  return [
    ...words.map((each) => renderText(reader, each)),
    ...(buttons.length > 0 ? [buttons.join(' ')] : []),
  ]
}

function table(reader: Reader, block: Json): readonly string[] {
  const rows = Array.isArray(block['rows']) ? block['rows'] : []
  return rows.map((row: unknown) =>
    objects(row)
      .map((cell) =>
        cell['type'] === 'rich_text'
          ? renderRichText(reader.world, cell, reader.tz).join(' ')
          : text(cell['text']),
      )
      .join(' | '),
  )
}
