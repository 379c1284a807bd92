import type { Json } from '#src/sandbox/json.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** How often a method may be called: Slack's tiers, `t5` being "special" (docs.slack.dev, "Rate limits"). */
export type Tier = 't1' | 't2' | 't3' | 't4' | 't5'

/** What Slack publishes about one method. Lists are words with spaces between, to keep the table readable. */
export interface MethodFacts {
  /** Scopes of which the bot needs one; empty where none is needed. */
  readonly scopes: string
  readonly tier: Tier
  /** `GET` methods read forms and query strings only: a JSON body counts as no arguments. */
  readonly http: 'GET' | 'POST'
  readonly required: string
  /** All arguments it knows, the required ones too. */
  readonly args: string
  /** The errors its page documents, besides those every method may answer. */
  readonly errors: string
}

/** What one method does once token, scope, arguments and rate are in order. Throws `Refusal`. */
export type Handler = (world: World, args: Json) => Json

/** Slack's `{ok: false}`: `code` is its `error`; `extra` is merged into the answer. */
export class Refusal extends Error {
  readonly code: string
  readonly extra: Json
  constructor(code: string, extra: Json = {}) {
    super(code)
    this.name = 'Refusal'
    this.code = code
    this.extra = extra
  }
}

/** `invalid_arguments` with the sentences that Slack puts into `response_metadata`. */
export function invalidArguments(...sentences: readonly string[]): Refusal {
  return new Refusal('invalid_arguments', {
    response_metadata: { messages: sentences.map((sentence) => `[ERROR] ${sentence}`) },
  })
}
