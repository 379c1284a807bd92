import type { Json } from '#src/sandbox/json.ts'
import { isObject, parseJson } from '#src/sandbox/json.ts'
import { words } from '#src/sandbox/slack/methods/facts.ts'
import { invalidArguments, Refusal, type MethodFacts } from '#src/sandbox/slack/methods/method.ts'

const booleans = new Set(
  words(
    'as_user link_names reply_broadcast unfurl_links unfurl_media include_all_metadata include_locale include_users ' +
      'include_count include_disabled include_num_members inclusive return_im prevent_creation mrkdwn',
  ),
)
const structures = new Set(words('blocks attachments metadata view files unfurled_attachments file_ids'))
const integers = new Set(words('limit length count page'))

/**
 * A method's arguments as values: JSON texts of a form parsed, `true` and `1` as booleans. Refuses arguments the method does not
 * know (Slack ignores some of them: here a wrong name must show) and required ones that are missing.
 */
export function readArguments(facts: MethodFacts, raw: Json): Json {
  const known = ['team_id', ...words(facts.args)] // Bolt's clients send team_id with each call; Slack takes no notice
  const unknown = Object.keys(raw).filter((name) => !known.includes(name))
  if (unknown.length > 0) throw invalidArguments(...unknown.map((name) => `unknown argument: ${name}`))
  const missing = words(facts.required).filter((name) => raw[name] === undefined || raw[name] === '')
  if (missing.length > 0) throw invalidArguments(...missing.map((name) => `missing required field: ${name}`))
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([name, value]) => name !== 'token' && value !== null)
      .map(([name, value]) => [name, valueOf(name, value)]),
  )
}

function valueOf(name: string, value: unknown): unknown {
  if (structures.has(name)) return structure(name, value)
  if (booleans.has(name)) return value === true || value === 'true' || value === '1'
  if (integers.has(name)) return integer(name, value)
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string') throw invalidArguments(`must be a string [json-pointer:/${name}]`)
  return value
}

function integer(name: string, value: unknown): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw invalidArguments(`must be an integer [json-pointer:/${name}]`)
  return number
}

function structure(name: string, value: unknown): unknown {
  const parsed = typeof value === 'string' ? parseJson(value) : value
  const right = name === 'metadata' || name === 'view' ? isObject(parsed) : Array.isArray(parsed)
  if (right) return parsed
  if (name === 'blocks') throw new Refusal('invalid_blocks_format')
  if (name === 'metadata') throw new Refusal('invalid_metadata_format')
  throw invalidArguments(`must be a valid JSON structure [json-pointer:/${name}]`)
}
