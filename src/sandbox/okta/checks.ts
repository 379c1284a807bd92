import { parseJson } from '#src/sandbox/json.ts'
import type { Endpoint, Parameter } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { OktaRefusal } from '#src/sandbox/okta/errors.ts'
import type { Incoming } from '#src/sandbox/http/message.ts'

/**
 * The query of a call. Throws E0000028 for a required parameter that is missing, E0000001 for a value that is out of its range,
 * twice there or unknown. Okta shrugs at unknown names: their effect would be missing silently, so they are refused here.
 */
export function checkedQuery(endpoint: Endpoint, { query }: Incoming): ReadonlyMap<string, string> {
  if (/%(?![\da-f]{2})/i.test(query)) throw new OktaRefusal('E0000003')
  const pairs = [...new URLSearchParams(query)]
  const given = new Map(pairs)
  const unknown = pairs.find(([name]) => endpoint.query[name] === undefined)
  if (unknown !== undefined)
    throw new OktaRefusal('E0000001', [`${unknown[0]}: there is no such parameter here`])
  if (given.size < pairs.length) throw new OktaRefusal('E0000001', ['a parameter was sent twice'])
  for (const [name, parameter] of Object.entries(endpoint.query))
    checkParameter(name, parameter, given.get(name))
  return given
}

function checkParameter(
  name: string,
  { type, required, from, to }: Parameter,
  value: string | undefined,
): void {
  if (value === undefined) {
    if (required === true) throw new OktaRefusal('E0000028', [`${name}: is required`])
    return
  }
  if (type === 'boolean' && value !== 'true' && value !== 'false')
    throw new OktaRefusal('E0000001', [`${name}: must be true or false`])
  if (type !== 'integer') return
  const isIn = /^\d+$/.test(value) && Number(value) >= (from ?? 0) && Number(value) <= (to ?? Infinity)
  if (!isIn) throw new OktaRefusal('E0000001', [`${name}: is out of its range`])
}

/**
 * The body of a call; undefined where none is taken. Throws E0000021 when the caller wants or sends another medium than JSON,
 * E0000003 for what is no JSON and for a body where none is documented.
 */
export function checkedBody(endpoint: Endpoint, { headers, body }: Incoming): unknown {
  const accepted = (headers['accept'] ?? '*/*').split(',').map((range) => range.split(';')[0]?.trim())
  if (!accepted.some((range) => range === '*/*' || range === 'application/*' || range === 'application/json'))
    throw new OktaRefusal('E0000021')
  const medium = headers['content-type']
  if (medium !== undefined && !/^application\/json\s*(;|$)/i.test(medium)) throw new OktaRefusal('E0000021')
  if (endpoint.takesBody !== true) {
    if (body !== '') throw new OktaRefusal('E0000003')
    return undefined
  }
  if (medium === undefined) throw new OktaRefusal('E0000021')
  const parsed = parseJson(body)
  if (parsed === undefined) throw new OktaRefusal('E0000003')
  return parsed
}
