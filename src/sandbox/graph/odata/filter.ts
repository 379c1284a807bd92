import { badRequest } from '#src/sandbox/graph/errors.ts'

/** A comparison of OData. */
export const comparisons = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] as const
export type Comparison = (typeof comparisons)[number]

/** What a literal says. Dates stay text. */
export type Literal = string | number | boolean | null

/** A parsed `$filter`. `path` is a property, or the variable of the `any` around it. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly inner: Expression }
  | {
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly path: string
      readonly value: Literal
      readonly isDate: boolean
    }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Literal[] }
  | { readonly kind: 'startsWith' | 'endsWith'; readonly path: string; readonly value: string }
  | { readonly kind: 'any'; readonly path: string; readonly variable: string; readonly inner: Expression }

type Token =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'date'; readonly value: string }
  | { readonly kind: 'word' | 'sign'; readonly value: string }

const tokenPattern =
  /\s*(?:'((?:[^']|'')*)'|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|(-?\d+(?:\.\d+)?)(?![\w-])|([A-Za-z_@][\w./@$]*)|([(),:]))/uy

function tokenize(filter: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (filter.slice(at).trim() !== '') {
    tokenPattern.lastIndex = at
    const match = tokenPattern.exec(filter)
    if (match === null)
      throw badRequest(`Invalid filter clause: Syntax error at position ${at} in '${filter}'.`)
    const [, text, date, number, word, sign] = match
    if (text !== undefined) tokens.push({ kind: 'text', value: text.replaceAll("''", "'") })
    else if (date !== undefined) tokens.push({ kind: 'date', value: date })
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) })
    else if (word !== undefined) tokens.push({ kind: 'word', value: word })
    else tokens.push({ kind: 'sign', value: sign ?? '' })
    at = tokenPattern.lastIndex
  }
  return tokens
}

/**
 * Parses a `$filter` of the subset that directory objects support: `and`, `or`, `not`, comparisons, `in`, `startsWith`,
 * `endsWith` and `any`. Throws 400 `Request_BadRequest`.
 */
export function parseFilter(filter: string): Expression {
  const tokens = tokenize(filter)
  let at = 0
  const fail = () =>
    badRequest(`Invalid filter clause: Syntax error near '${tokens[at]?.value ?? 'the end'}' in '${filter}'.`)
  const peek = (value: string): boolean => {
    const token = tokens[at]
    return token !== undefined && token.kind !== 'text' && token.value === value
  }
  const take = (value: string): boolean => {
    if (!peek(value)) return false
    at += 1
    return true
  }
  const expect = (value: string): void => {
    if (!take(value)) throw fail()
  }
  const word = (): string => {
    const token = tokens[at]
    if (token?.kind !== 'word') throw fail()
    at += 1
    return token.value
  }
  const literal = (): { readonly value: Literal; readonly isDate: boolean } => {
    const token = tokens[at]
    if (token === undefined || token.kind === 'sign') throw fail()
    at += 1
    if (token.kind !== 'word') return { value: token.value, isDate: token.kind === 'date' }
    const named = namedLiterals.get(token.value)
    if (named !== undefined) return { value: named, isDate: false }
    at -= 1
    throw fail()
  }
  const or = (): Expression => {
    let left = and()
    while (take('or')) left = { kind: 'or', left, right: and() }
    return left
  }
  const and = (): Expression => {
    let left = unary()
    while (take('and')) left = { kind: 'and', left, right: unary() }
    return left
  }
  const unary = (): Expression => {
    if (take('not')) return { kind: 'not', inner: unary() }
    if (!take('(')) return clause()
    const inner = or()
    expect(')')
    return inner
  }
  const clause = (): Expression => {
    const name = word()
    const call = calls.get(name.toLowerCase())
    if (call !== undefined && take('(')) {
      const path = word()
      expect(',')
      const { value } = literal()
      if (typeof value !== 'string') throw fail()
      expect(')')
      return { kind: call, path, value }
    }
    if (name.endsWith('/any') && take('(')) {
      const variable = word()
      expect(':')
      const inner = or()
      expect(')')
      return { kind: 'any', path: name.slice(0, -'/any'.length), variable, inner }
    }
    if (take('in')) {
      expect('(')
      const values = [literal().value]
      while (take(',')) values.push(literal().value)
      expect(')')
      return { kind: 'in', path: name, values }
    }
    const operator = comparisons.find((one) => take(one))
    if (operator === undefined) throw fail()
    return { kind: 'compare', operator, path: name, ...literal() }
  }
  const parsed = or()
  if (at < tokens.length) throw fail()
  return parsed
}

const namedLiterals: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ['true', true],
  ['false', false],
  ['null', null],
])
const calls: ReadonlyMap<string, 'startsWith' | 'endsWith'> = new Map([
  ['startswith', 'startsWith'],
  ['endswith', 'endsWith'],
])

/** The clauses of an expression, in order; those inside `any` stay with it. */
export function clausesOf(
  expression: Expression,
): readonly Exclude<Expression, { kind: 'and' | 'or' | 'not' }>[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return [...clausesOf(expression.left), ...clausesOf(expression.right)]
    case 'not':
      return clausesOf(expression.inner)
    case 'compare':
    case 'in':
    case 'startsWith':
    case 'endsWith':
    case 'any':
      return [expression]
  }
}

/** Whether an expression of this kind occurs anywhere. */
export function hasKind(expression: Expression, kind: Expression['kind']): boolean {
  if (expression.kind === kind) return true
  switch (expression.kind) {
    case 'and':
    case 'or':
      return hasKind(expression.left, kind) || hasKind(expression.right, kind)
    case 'not':
    case 'any':
      return hasKind(expression.inner, kind)
    case 'compare':
    case 'in':
    case 'startsWith':
    case 'endsWith':
      return false
  }
}
