import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import { complain, noteCall } from '#src/sandbox/slack/calls.ts'
import type { FaultPlan } from '#src/sandbox/slack/faults.ts'
import type { Json } from '#src/sandbox/json.ts'
import { isObject, object, parseJson, someText, text } from '#src/sandbox/json.ts'
import { readArguments } from '#src/sandbox/slack/methods/arguments.ts'
import { authorize } from '#src/sandbox/slack/methods/authorize.ts'
import { methodFacts } from '#src/sandbox/slack/methods/facts.ts'
import { type Handler, Refusal } from '#src/sandbox/slack/methods/method.ts'
import { perChannel, type Rates, tierRates } from '#src/sandbox/slack/rates.ts'
import { answerWithFaults, type Reply, tooMany } from '#src/sandbox/slack/wire/reply.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** The context of a request on the stand-in's server. */
export type SlackContext = Context<{ Bindings: HttpBindings }>

/** Serves `/api/METHOD`. */
export function createWebApi(options: {
  readonly world: World
  readonly faults: FaultPlan
  readonly rates: Rates
  readonly handlers: Readonly<Record<string, Handler>>
}): (context: SlackContext, method: string) => Promise<Response> {
  const { world, faults } = options
  return async (context, method) => {
    const raw = await rawArguments(context, methodFacts[method]?.http ?? 'POST')
    const header = context.req.header('authorization')
    const token = header?.startsWith('Bearer ') === true ? header.slice(7) : someText(raw['token'])
    const { token: _token, ...shown } = raw
    const args = readable(shown)
    const done = noteCall(world, method, args)
    const reply = await answerWithFaults({
      context,
      struck: faults.strike(method, args),
      happen: () => run(options, method, token, raw),
      done,
    })
    if (reply === undefined) return RESPONSE_ALREADY_SENT
    const scopes = {
      'x-oauth-scopes': [...world.scopes].join(','),
      'x-accepted-oauth-scopes': accepted(method),
    }
    return Response.json(reply.body, { status: reply.status, headers: { ...scopes, ...reply.headers } })
  }
}

function accepted(method: string): string {
  return (methodFacts[method]?.scopes ?? '').replaceAll(' ', ',')
}

function run(
  options: {
    readonly world: World
    readonly rates: Rates
    readonly handlers: Readonly<Record<string, Handler>>
  },
  method: string,
  token: string | undefined,
  raw: Json,
): Reply {
  const { world, rates } = options
  const facts = methodFacts[method]
  const handler = options.handlers[method]
  try {
    if (facts === undefined || handler === undefined)
      throw new Refusal('unknown_method', { req_method: method })
    authorize(world, method, facts, token)
    const wait = rates.take(method, tierRates[facts.tier]) ?? channelWait(rates, method, raw)
    if (wait !== undefined) return tooMany(wait)
    return { status: 200, body: { ok: true, ...handler(world, readArguments(facts, raw)) } }
  } catch (error) {
    if (error instanceof Refusal)
      return { status: 200, body: { ok: false, error: error.code, ...error.extra } }
    complain(world, `${method}: ${String(error)}`)
    return { status: 500, body: { ok: false, error: 'fatal_error', message: String(error) } }
  }
}

function channelWait(rates: Rates, method: string, raw: Json): number | undefined {
  return method === 'chat.postMessage'
    ? rates.take(`${method} ${text(raw['channel'])}`, perChannel)
    : undefined
}

// As they were sent, from the query and from a form or JSON body; methods of type GET read no JSON.
async function rawArguments(context: SlackContext, http: 'GET' | 'POST'): Promise<Json> {
  const type = context.req.header('content-type') ?? ''
  const query = context.req.query()
  if (type.startsWith('application/json')) {
    const body = parseJson(await context.req.text())
    return http === 'GET' ? query : { ...query, ...object(body) }
  }
  if (context.req.method === 'GET') return query
  return { ...query, ...(await context.req.parseBody()) }
}

// For the record: structures that came as JSON texts are easier to look at parsed.
function readable(raw: Json): Json {
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      const parsed = typeof value === 'string' && /^[[{]/u.test(value) ? parseJson(value) : undefined
      return [name, isObject(parsed) || Array.isArray(parsed) ? parsed : value]
    }),
  )
}
