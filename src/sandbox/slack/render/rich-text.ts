import type { Json } from '#src/sandbox/json.ts'
import { objects, someText, text } from '#src/sandbox/json.ts'
import { formatDate } from '#src/sandbox/slack/render/dates.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** A rich text block as lines of plain text. */
export function renderRichText(world: World, block: Json, tz: string): readonly string[] {
  return objects(block['elements']).flatMap((part) => {
    switch (part['type']) {
      case 'rich_text_list':
        return objects(part['elements']).map((item, index) => {
          const sign = part['style'] === 'ordered' ? `${index + 1}.` : '•'
          return `${sign} ${run(world, item, tz)}`
        })
      case 'rich_text_quote':
        return run(world, part, tz)
          .split('\n')
          .map((line) => `| ${line}`)
      case 'rich_text_preformatted':
        return run(world, part, tz)
          .split('\n')
          .map((line) => `    ${line}`)
      default:
        return run(world, part, tz).split('\n')
    }
  })
}

function run(world: World, part: Json, tz: string): string {
  return objects(part['elements'])
    .map((each) => word(world, each, tz))
    .join('')
}

function word(world: World, element: Json, tz: string): string {
  const id = text(element['user_id'] ?? element['usergroup_id'] ?? element['channel_id'])
  switch (element['type']) {
    case 'user':
      return `@${world.users.get(id)?.name ?? id}`
    case 'usergroup':
      return `@${world.groups.get(id)?.handle ?? id}`
    case 'channel':
      return `#${world.channels.get(id)?.name ?? id}`
    case 'broadcast':
      return `@${text(element['range'])}`
    case 'emoji':
      return emoji(element)
    case 'link':
      return someText(element['text']) === undefined
        ? text(element['url'])
        : `${text(element['text'])} (${text(element['url'])})`
    case 'date':
      return (
        formatDate(Number(element['timestamp']), text(element['format']), tz, world.now()) ??
        text(element['fallback'])
      )
    default:
      return text(element['text'])
  }
}

function emoji(element: Json): string {
  const code = someText(element['unicode'])
  if (code === undefined) return `:${text(element['name'])}:`
  return String.fromCodePoint(...code.split('-').map((each) => Number.parseInt(each, 16)))
}
