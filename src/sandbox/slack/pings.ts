import type { Json } from '#src/sandbox/json.ts'
import { isObject, text } from '#src/sandbox/json.ts'
import type { Ping } from '#src/sandbox/slack/world.ts'

type Told = Pick<Ping, 'kind' | 'id'>

/**
 * Who is told by a message: mentions in its text and in every mrkdwn and rich text of its blocks (plain_text is only read).
 * Each once. `plain`: `@channel` without markup counts too, as with `link_names` and `parse: full`.
 */
export function pingsIn(message: string, blocks: readonly Json[], plain: boolean): readonly Told[] {
  const told = [...inMrkdwn(message, plain), ...blocks.flatMap((block) => inBlock(block, plain))]
  const byName = new Map(told.map((each) => [`${each.kind} ${each.id ?? ''}`, each]))
  return [...byName.values()]
}

function inBlock(value: unknown, plain: boolean): readonly Told[] {
  if (Array.isArray(value)) return value.flatMap((each) => inBlock(each, plain))
  if (!isObject(value)) return []
  const type = value['type']
  if (type === 'mrkdwn' || type === 'markdown') return inMrkdwn(text(value['text']), plain)
  if (type === 'user') return [{ kind: 'user', id: text(value['user_id']) }]
  if (type === 'usergroup') return [{ kind: 'group', id: text(value['usergroup_id']) }]
  if (type === 'broadcast') return broadcast(text(value['range']))
  return Object.values(value).flatMap((each) => inBlock(each, plain))
}

function broadcast(range: string): readonly Told[] {
  return range === 'channel' || range === 'here' || range === 'everyone'
    ? [{ kind: range, id: undefined }]
    : []
}

function inMrkdwn(line: string, plain: boolean): readonly Told[] {
  const found: Told[] = []
  for (const [, sign, name] of line.matchAll(/<([@!])([^>|]+)(?:\|[^>]*)?>/gu)) {
    if (sign === '@') found.push({ kind: 'user', id: name })
    else if (name?.startsWith('subteam^') === true) found.push({ kind: 'group', id: name.slice(8) })
    else found.push(...broadcast(name ?? ''))
  }
  if (plain)
    for (const [, name] of line.matchAll(/@(channel|here|everyone)\b/gu)) found.push(...broadcast(name ?? ''))
  return found
}
