import type { GraphCall } from '#src/sandbox/graph/endpoints/call.ts'
import { badRequest } from '#src/sandbox/graph/errors.ts'
import { fits, type Resource } from '#src/sandbox/graph/odata/evaluate.ts'
import type { Options, Takes } from '#src/sandbox/graph/odata/options.ts'
import type { Properties } from '#src/sandbox/graph/odata/properties.ts'
import type { Reply } from '#src/sandbox/http/message.ts'

const defaultPage = 100

/** Filters, cuts into pages and shows a list. `type` is put into each item where the list holds different types. */
export function collectionReply(
  { world, request }: GraphCall,
  all: readonly Resource[],
  options: Options,
  takes: Takes & { readonly context: string },
): Reply {
  const { filter } = options
  const fitting = filter === undefined ? all : all.filter((one) => fits(filter, one, takes.properties))
  const size = Math.min(options.top ?? defaultPage, world.settings.pageSize)
  const from = options.skipToken === undefined ? 0 : readSkipToken(options.skipToken)
  const isLast = from + size >= fitting.length
  const link = isLast
    ? undefined
    : nextLink(world.settings.nextLinkOrigin ?? world.graphUrl, request, from + size)
  return {
    status: 200,
    json: {
      '@odata.context': context(world.graphUrl, takes.context, options),
      ...(options.wantsCount && from === 0 && { '@odata.count': fitting.length }),
      ...(link !== undefined && { '@odata.nextLink': link }),
      value: fitting.slice(from, from + size).map((one) => show(one, options, takes.properties)),
    },
  }
}

/** Shows one resource. */
export function entityReply(
  { world }: GraphCall,
  resource: Resource,
  options: Options,
  takes: Takes & { readonly context: string },
): Reply {
  const head = { '@odata.context': `${context(world.graphUrl, takes.context, options)}/$entity` }
  return { status: 200, json: { ...head, ...show(resource, options, takes.properties) } }
}

function context(graphUrl: string, name: string, { select }: Options): string {
  return `${graphUrl}/v1.0/$metadata#${name}${select === undefined ? '' : `(${select.join(',')})`}`
}

/** What was selected, or what is shown by default, and what was expanded. */
function show(resource: Resource, { select, expand }: Options, properties: Properties): Resource {
  const names = select ?? Object.keys(properties).filter((name) => properties[name]?.isDefault)
  const marks = Object.keys(resource).filter((name) => name.startsWith('@'))
  const wanted = [...marks, ...names, ...expand].filter((name) => name in resource)
  return Object.fromEntries(wanted.map((name) => [name, resource[name]]))
}

const tokenStart = 'RFNwdAIAAQAAA'

function nextLink(origin: string, request: GraphCall['request'], offset: number): string {
  const rest = request.query.split('&').filter((pair) => !/^(\$|%24)skiptoken=/u.test(pair) && pair !== '')
  const token = `${tokenStart}${Buffer.from(String(offset)).toString('base64url')}`
  return `${origin}${request.path}?${[...rest, `$skiptoken=${token}`].join('&')}`
}

function readSkipToken(token: string): number {
  const offset = Buffer.from(token.slice(tokenStart.length), 'base64url').toString('utf8')
  if (!token.startsWith(tokenStart) || !/^\d+$/u.test(offset)) throw badRequest('The skip token is invalid.')
  return Number(offset)
}
