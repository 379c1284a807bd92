import { badRequest, unsupportedQuery } from '#src/sandbox/graph/errors.ts'
import { clausesOf, type Expression, hasKind, type Literal } from '#src/sandbox/graph/odata/filter.ts'
import type { Properties, Property } from '#src/sandbox/graph/odata/properties.ts'

/** What is filtered: a resource as Graph would show it. */
export type Resource = Readonly<Record<string, unknown>>

// "Too many child clauses": what the service takes by default.
const mostOrClauses = 15

/**
 * Whether the query needs the advanced parameters. Throws 400 for a property that does not exist, does not support the
 * operator, or is compared with a literal of another type.
 */
export function checkFilter(filter: Expression, properties: Properties, resource: string): boolean {
  let isAdvanced = hasKind(filter, 'not') || hasKind(filter, 'endsWith')
  for (const clause of clausesOf(filter)) {
    const property = properties[clause.path]
    if (property === undefined)
      throw badRequest(
        `Invalid filter clause: Could not find a property named '${clause.path}' on type '${resource}'.`,
      )
    if (clause.kind === 'any') isAdvanced = checkAny(clause, property, clause.path) || isAdvanced
    else isAdvanced = checkClause(clause, property, clause.path) || isAdvanced
  }
  if (countOrs(filter) > mostOrClauses)
    throw unsupportedQuery(
      `Too many child clauses specified in search filter expression containing 'OR' operators.`,
    )
  return isAdvanced
}

type Clause = Exclude<Expression, { kind: 'and' | 'or' | 'not' | 'any' }>

function checkClause(clause: Clause, property: Property, path: string): boolean {
  const operator = clause.kind === 'compare' ? clause.operator : clause.kind
  if (property.type === 'strings' || property.type === 'object')
    throw badRequest(`Invalid filter clause: '${path}' is no single value.`)
  const { filters, advanced = [], onlyNull = false } = property
  const isSupported = filters.includes(operator) || advanced.includes(operator)
  const values = clause.kind === 'in' ? clause.values : [clause.value]
  if (!isSupported || (onlyNull && values.some((value) => value !== null)))
    throw unsupportedQuery(`Unsupported or invalid query filter clause specified for property '${path}'.`)
  for (const value of values)
    checkLiteral(value, property.type, path, clause.kind === 'compare' && clause.isDate)
  return operator === 'ne' || advanced.includes(operator)
}

function checkAny(clause: Extract<Expression, { kind: 'any' }>, property: Property, path: string): boolean {
  if (property.type !== 'strings')
    throw badRequest(`Invalid filter clause: 'any' needs a collection, and '${path}' is none.`)
  const inner = clausesOf(clause.inner)
  let isAdvanced = false
  for (const one of inner) {
    if (one.kind === 'any' || one.path !== clause.variable)
      throw badRequest(`Invalid filter clause: Could not find '${one.path}' inside of 'any'.`)
    isAdvanced = checkClause(one, { ...property, type: 'string' }, one.path) || isAdvanced
  }
  return isAdvanced
}

function checkLiteral(value: Literal, type: Property['type'], path: string, isDate: boolean): void {
  if (value === null) return
  const isOfType =
    type === 'date'
      ? isDate
      : type === 'boolean'
        ? typeof value === 'boolean'
        : typeof value === 'string' && !isDate
  if (!isOfType)
    throw badRequest(
      `Invalid filter clause: A binary operator with incompatible types was detected at '${path}'.`,
    )
}

function countOrs(filter: Expression): number {
  if (filter.kind === 'or') return countOrs(filter.left) + countOrs(filter.right)
  if (filter.kind === 'and') return Math.max(countOrs(filter.left), countOrs(filter.right))
  return filter.kind === 'in' ? filter.values.length : 1
}

/** Whether a resource fits; text is compared without case unless the property says otherwise. Pure. */
export function fits(filter: Expression, resource: Resource, properties: Properties): boolean {
  switch (filter.kind) {
    case 'and':
      return fits(filter.left, resource, properties) && fits(filter.right, resource, properties)
    case 'or':
      return fits(filter.left, resource, properties) || fits(filter.right, resource, properties)
    case 'not':
      return !fits(filter.inner, resource, properties)
    case 'any': {
      const items: unknown = resource[filter.path]
      const property = properties[filter.path]
      if (!Array.isArray(items) || property === undefined) return false
      const { variable, inner } = filter
      return items.some((item: unknown) => fits(inner, { [variable]: item }, { [variable]: property }))
    }
    case 'in':
      return filter.values.some((value) => isSame(resource[filter.path], value, properties[filter.path]))
    case 'startsWith':
      return fold(resource[filter.path]).startsWith(fold(filter.value))
    case 'endsWith':
      return fold(resource[filter.path]).endsWith(fold(filter.value))
    case 'compare':
      return compare(filter, resource[filter.path], properties[filter.path])
  }
}

function compare(
  { operator, value }: Extract<Expression, { kind: 'compare' }>,
  held: unknown,
  property: Property | undefined,
): boolean {
  if (operator === 'eq') return isSame(held, value, property)
  if (operator === 'ne') return !isSame(held, value, property)
  if (held === null || held === undefined || value === null) return false
  const [left, right] = property?.type === 'date' ? [moment(held), moment(value)] : [fold(held), fold(value)]
  switch (operator) {
    case 'gt':
      return left > right
    case 'ge':
      return left >= right
    case 'lt':
      return left < right
    case 'le':
      return left <= right
  }
}

function isSame(held: unknown, value: Literal, property: Property | undefined): boolean {
  if (value === null) return held === null || held === undefined
  if (property?.type === 'date') return moment(held) === moment(value)
  if (typeof held !== 'string' || property?.isExact === true) return held === value
  return fold(held) === fold(value)
}

const fold = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '')
const moment = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN)
