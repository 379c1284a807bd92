import { badRequest, unsupportedQuery } from '#src/sandbox/graph/errors.ts'
import { checkFilter } from '#src/sandbox/graph/odata/evaluate.ts'
import { type Expression, parseFilter } from '#src/sandbox/graph/odata/filter.ts'
import type { Properties } from '#src/sandbox/graph/odata/properties.ts'

/** The system query options that an endpoint takes. */
export type OptionName =
  | '$select'
  | '$filter'
  | '$top'
  | '$count'
  | '$expand'
  | '$skiptoken'
  | '$search'
  | '$orderby'

/** What an endpoint takes. */
export interface Takes {
  /** e.g. `microsoft.graph.user`. */
  readonly resource: string
  readonly properties: Properties
  readonly options: readonly OptionName[]
  /** Relationships that `$expand` may name. */
  readonly expands?: readonly string[]
  /** The endpoint itself exists with the advanced parameters only, as casts of transitive members do. */
  readonly isAdvanced?: boolean
}

/** What was asked. */
export interface Options {
  readonly select: readonly string[] | undefined
  readonly filter: Expression | undefined
  readonly top: number | undefined
  readonly wantsCount: boolean
  readonly expand: readonly string[]
  readonly skipToken: string | undefined
  /** The separate index answers, which lags behind. */
  readonly isEventual: boolean
}

/** Reads the query options of one request. Throws 400 for what the endpoint does not take. */
export function readOptions(
  request: { readonly query: string; readonly headers: Readonly<Record<string, string>> },
  takes: Takes,
): Options {
  const all = new URLSearchParams(request.query)
  for (const name of new Set(all.keys())) checkOption(name, all.getAll(name), takes)
  const level = request.headers['consistencylevel']
  if (level !== undefined && level.toLowerCase() !== 'eventual' && level.toLowerCase() !== 'session')
    throw badRequest(`Invalid value '${level}' of the ConsistencyLevel header.`)
  const options: Options = {
    select: all.has('$select') ? readSelect(all.get('$select') ?? '', takes) : undefined,
    filter: all.has('$filter') ? parseFilter(all.get('$filter') ?? '') : undefined,
    top: all.has('$top') ? readTop(all.get('$top') ?? '') : undefined,
    wantsCount: all.has('$count') && readCount(all.get('$count') ?? ''),
    expand: all.has('$expand') ? readExpand(all.get('$expand') ?? '', takes) : [],
    skipToken: all.get('$skiptoken') ?? undefined,
    isEventual: level?.toLowerCase() === 'eventual',
  }
  checkAdvanced(options, takes, all.has('$search') || (all.has('$orderby') && all.has('$filter')))
  return options
}

function checkOption(name: string, values: readonly string[], { options }: Takes): void {
  if (!name.startsWith('$')) throw badRequest(`The query parameter '${name}' is not known.`)
  if (values.length > 1) throw badRequest(`Query option '${name}' was specified more than once.`)
  if (!options.some((one) => one === name))
    throw badRequest(`The query option '${name}' is not supported by this resource.`)
  if (values[0] === '') throw badRequest(`The value of the query option '${name}' is empty.`)
}

function checkAdvanced(options: Options, takes: Takes, hasOther: boolean): void {
  const byFilter =
    options.filter !== undefined && checkFilter(options.filter, takes.properties, takes.resource)
  const isAdvanced = byFilter || hasOther || takes.isAdvanced === true
  if (options.wantsCount && !options.isEventual)
    throw badRequest('$count is not currently supported without the ConsistencyLevel header set to eventual.')
  if (isAdvanced && !(options.isEventual && options.wantsCount))
    throw unsupportedQuery(
      'The query needs the advanced parameters: the ConsistencyLevel header set to eventual, and $count=true.',
    )
  if (options.isEventual && options.expand.length > 0)
    throw unsupportedQuery('$expand is not supported with the ConsistencyLevel header set to eventual.')
}

function readSelect(text: string, { properties, resource }: Takes): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  for (const name of names)
    if (properties[name] === undefined)
      throw badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${resource}'.`,
      )
  return names
}

function readExpand(text: string, { expands = [] }: Takes): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  for (const name of names)
    if (!expands.includes(name))
      throw badRequest(
        `Parsing OData Select and Expand failed: Could not find a relationship named '${name}'.`,
      )
  return names
}

function readTop(text: string): number {
  const top = /^\d+$/u.test(text) ? Number(text) : 0
  if (top < 1 || top > 999)
    throw badRequest(`Invalid page size specified: '${text}'. Must be between 1 and 999 inclusive.`)
  return top
}

function readCount(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw badRequest(`Invalid value '${text}' for $count.`)
  return text === 'true'
}
