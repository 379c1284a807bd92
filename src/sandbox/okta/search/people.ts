import { stamp } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { type Expression, type Operator, parseExpression, wrong } from '#src/sandbox/okta/search/parse.ts'
import type { Person, World } from '#src/sandbox/okta/world.ts'

/**
 * The people whom a `search` expression finds, in the index, which may be behind. Property names count to the letter, values without
 * case but with diacritics. Those who are gone are found too. Throws E0000031.
 */
export function searchPeople(world: World, text: string): readonly Person[] {
  if (text.length > world.settings.longestSearch) throw wrong('the expression is too long')
  const expression = parseExpression(text)
  checkSearch(expression)
  return [...world.index.people.values()].filter((person) =>
    holds(person, expression, (value) => value.toLowerCase()),
  )
}

/** The people whom a `filter` expression finds: few properties, values to the letter. Throws E0000031. */
export function filterPeople(people: readonly Person[], text: string): readonly Person[] {
  const expression = parseExpression(text)
  checkFilter(expression)
  return people.filter((person) => holds(person, expression, (value) => value))
}

const times: ReadonlySet<string> = new Set(['created', 'activated', 'statusChanged', 'lastUpdated'])
const topLevel: ReadonlySet<string> = new Set([...times, 'id', 'status', 'type.id'])
const containable: ReadonlySet<string> = new Set(
  ['firstName', 'lastName', 'email', 'login'].map((name) => `profile.${name}`),
)
const filterable: ReadonlySet<string> = new Set([...containable, 'status', 'lastUpdated', 'id'])

/** The properties of Okta's default profile; this org's administrators added none. */
const profileProperties: ReadonlySet<string> = new Set(
  (
    'login email secondEmail firstName lastName middleName honorificPrefix honorificSuffix title displayName nickName profileUrl ' +
    'primaryPhone mobilePhone streetAddress city state zipCode countryCode postalAddress preferredLanguage locale timezone userType ' +
    'employeeNumber costCenter organization division department managerId manager'
  )
    .split(' ')
    .map((name) => `profile.${name}`),
)

function checkSearch(expression: Expression): void {
  if (expression.kind !== 'is') return expression.parts.forEach(checkSearch)
  const { property, operator } = expression
  if (!topLevel.has(property) && !profileProperties.has(property)) throw wrong(`${property} is no property`)
  if (operator === 'co' && !containable.has(property)) throw wrong(`${property} does not take co`)
}

function checkFilter(expression: Expression): void {
  if (expression.kind !== 'is') return expression.parts.forEach(checkFilter)
  const { property, operator } = expression
  if (!filterable.has(property)) throw wrong(`${property} is no property of a filter`)
  const isOrder = property === 'lastUpdated' && ['gt', 'ge', 'lt', 'le'].includes(operator)
  if (operator !== 'eq' && !isOrder) throw wrong(`${property} does not take ${operator}`)
}

function holds(person: Person, expression: Expression, folded: (value: string) => string): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.parts.every((part) => holds(person, part, folded))
    case 'or':
      return expression.parts.some((part) => holds(person, part, folded))
    case 'is': {
      const value = valueOf(person, expression.property)
      if (value === undefined || value === '') return false
      if (times.has(expression.property))
        return compare(expression.operator, atOf(value), atOf(expression.value))
      return compare(expression.operator, folded(value), folded(expression.value))
    }
  }
}

function atOf(text: string): string {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw wrong(`${text} is no time`)
  return String(at).padStart(16, '0')
}

function compare(operator: Operator, value: string, wanted: string): boolean {
  switch (operator) {
    case 'eq':
      return value === wanted
    case 'sw':
      return value.startsWith(wanted)
    case 'co':
      return value.includes(wanted)
    case 'gt':
      return value > wanted
    case 'ge':
      return value >= wanted
    case 'lt':
      return value < wanted
    case 'le':
      return value <= wanted
    case 'pr':
      return true
  }
}

function valueOf(person: Person, property: string): string | undefined {
  if (property.startsWith('profile.')) return person.profile[property.slice('profile.'.length)]
  switch (property) {
    case 'id':
      return person.id
    case 'status':
      return person.status
    case 'type.id':
      return 'oty2di92xFgQTiKEJ1d6'
    case 'created':
      return stamp(person.createdAt) ?? undefined
    case 'activated':
      return stamp(person.activatedAt) ?? undefined
    case 'statusChanged':
      return stamp(person.statusChangedAt) ?? undefined
    default:
      return stamp(person.lastUpdatedAt) ?? undefined
  }
}
