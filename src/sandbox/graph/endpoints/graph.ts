import { randomUUID } from 'node:crypto'
import { readCaller } from '#src/sandbox/graph/endpoints/caller.ts'
import { findRoute } from '#src/sandbox/graph/endpoints/routes.ts'
import { GraphRefusal } from '#src/sandbox/graph/errors.ts'
import type { Incoming, Reply } from '#src/sandbox/http/message.ts'
import type { World } from '#src/sandbox/graph/world.ts'

/** What Graph answers. Requests that no careful caller sends become complaints as well. */
export function answerGraph(world: World, request: Incoming): Reply {
  try {
    const reply = answer(world, request)
    return { ...reply, headers: { ...graphHeaders(request), ...bodyHeaders(reply), ...reply.headers } }
  } catch (error) {
    if (!(error instanceof GraphRefusal)) throw error
    if (error.isCallersFault)
      world.complaints.push(
        `${request.method} ${request.path}: ${error.status} ${error.code} ${error.message}`,
      )
    return graphErrorReply(error, request, world.now())
  }
}

function answer(world: World, request: Incoming): Reply {
  const [, version, ...rest] = request.path.split('/')
  if (version !== 'v1.0') throw wrongPath(`Invalid version: ${version ?? ''}`, 400)
  const caller = readCaller(world, request.headers)
  let found: ReturnType<typeof findRoute>
  try {
    found = findRoute(rest.join('/'))
  } catch {
    throw wrongPath('The path is not percent-encoded.', 400)
  }
  if (found === undefined) throw wrongPath(`Resource not found for the segment '${rest.at(-1) ?? ''}'.`, 400)
  const handler = found.route[request.method]
  if (handler === undefined)
    throw wrongPath('Specified HTTP method is not allowed for the request target.', 405)
  return handler({ world, caller, request, key: found.key })
}

function wrongPath(message: string, status: number): GraphRefusal {
  return new GraphRefusal(status, 'BadRequest', message, { isCallersFault: true })
}

function bodyHeaders(reply: Reply): Readonly<Record<string, string>> {
  if (reply.json === undefined) return {}
  return {
    'content-type':
      'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
  }
}

/** Graph's headers of one answer; the caller's own id of the request comes back. */
function graphHeaders(request: Incoming): Readonly<Record<string, string>> {
  const id = randomUUID()
  return {
    'request-id': id,
    'client-request-id': request.headers['client-request-id'] ?? id,
    'cache-control': 'no-cache',
    'odata-version': '4.0',
    'x-ms-resource-unit': request.method === 'GET' ? '1' : '2',
  }
}

/** Graph's form of an error. */
export function graphErrorReply(refusal: GraphRefusal, request: Incoming, now: number): Reply {
  const headers = graphHeaders(request)
  return {
    status: refusal.status,
    headers: { ...headers, 'content-type': 'application/json', ...refusal.headers },
    json: {
      error: {
        code: refusal.code,
        message: refusal.message,
        innerError: {
          date: new Date(now).toISOString().slice(0, 19),
          'request-id': headers['request-id'],
          'client-request-id': headers['client-request-id'],
        },
      },
    },
  }
}
