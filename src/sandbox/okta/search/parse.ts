import { OktaRefusal } from '#src/sandbox/okta/errors.ts'

/** Operators of the filter language; `ne` and `not` do not exist. */
export const operators = ['eq', 'sw', 'co', 'gt', 'ge', 'lt', 'le', 'pr'] as const
export type Operator = (typeof operators)[number]

/** A condition, or several joined. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'is'; readonly property: string; readonly operator: Operator; readonly value: string }

type Token =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'word'; readonly value: string }
  | { readonly kind: '(' | ')' }

/** Reads an expression. Throws E0000031 for anything that the language does not know. */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text)
  let at = 0
  const peek = (): Token | undefined => tokens[at]
  const take = (): Token => {
    const token = tokens[at]
    if (token === undefined) throw wrong('it ends too early')
    at += 1
    return token
  }
  const isWord = (word: string): boolean => {
    const token = peek()
    return token?.kind === 'word' && token.value.toLowerCase() === word
  }
  const joined = (kind: 'and' | 'or', part: () => Expression): Expression => {
    const parts = [part()]
    while (isWord(kind)) {
      take()
      parts.push(part())
    }
    const [only, second] = parts
    return only !== undefined && second === undefined ? only : { kind, parts }
  }
  const condition = (): Expression => {
    const first = take()
    if (first.kind === '(') {
      const inner = joined('or', () => joined('and', condition))
      if (take().kind !== ')') throw wrong('a bracket is not closed')
      return inner
    }
    if (first.kind !== 'word') throw wrong('a property is expected')
    const operator = operatorOf(take())
    if (operator === 'pr') return { kind: 'is', property: first.value, operator, value: '' }
    return { kind: 'is', property: first.value, operator, value: valueOf(take()) }
  }
  const whole = joined('or', () => joined('and', condition))
  if (peek() !== undefined) throw wrong('something follows the end')
  return whole
}

function operatorOf(token: Token): Operator {
  const word = token.kind === 'word' ? token.value.toLowerCase() : ''
  const operator = operators.find((one) => one === word)
  if (operator === undefined) throw wrong(`${word} is no operator`)
  return operator
}

function valueOf(token: Token): string {
  if (token.kind === 'string') return token.value
  if (token.kind === 'word' && /^(true|false|-?\d+(\.\d+)?)$/.test(token.value)) return token.value
  throw wrong('a value in double quotes is expected')
}

const pieces =
  /\s+|([()])|"((?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*)"(?=[\s)]|$)|([A-Za-z_][\w.-]*|-?\d[\d.]*)(?=[\s()]|$)/uy

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    pieces.lastIndex = at
    const match = pieces.exec(text)
    if (match === null) throw wrong(`what stands at ${at} is not understood`)
    at += match[0].length
    const [, bracket, quoted, word] = match
    if (bracket === '(' || bracket === ')') tokens.push({ kind: bracket })
    else if (quoted !== undefined) tokens.push({ kind: 'string', value: unescaped(quoted) })
    else if (word !== undefined) tokens.push({ kind: 'word', value: word })
  }
  return tokens
}

// The escapes are those of JSON.
function unescaped(quoted: string): string {
  return String(JSON.parse(`"${quoted}"`))
}

/** The refusal of an expression. */
export function wrong(why: string): OktaRefusal {
  return new OktaRefusal('E0000031', [why])
}
