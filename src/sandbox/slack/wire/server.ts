import { createServer, type Server } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono } from 'hono'
import { listen } from '#src/sandbox/http/listen.ts'
import { noteCall } from '#src/sandbox/slack/calls.ts'
import type { FaultPlan } from '#src/sandbox/slack/faults.ts'
import { object, parseJson } from '#src/sandbox/json.ts'
import { bytesOf, giveFile, takeUpload } from '#src/sandbox/slack/wire/files.ts'
import { answerWithFaults } from '#src/sandbox/slack/wire/reply.ts'
import { answerResponseUrl } from '#src/sandbox/slack/wire/response-urls.ts'
import type { SlackContext } from '#src/sandbox/slack/wire/web-api.ts'
import type { World } from '#src/sandbox/slack/world.ts'

type App = Hono<{ Bindings: HttpBindings }>

/** Everything the workspace serves over HTTP besides Socket Mode. */
export function createApp(options: {
  readonly world: World
  readonly faults: FaultPlan
  readonly webApi: (context: SlackContext, method: string) => Promise<Response>
}): App {
  const { world, faults, webApi } = options
  const app: App = new Hono()
  app.on(['GET', 'POST'], '/api/:method', (context) => webApi(context, context.req.param('method')))

  app.on('POST', ['/commands/:team/:word', '/actions/:team/:word'], async (context) => {
    const body = parseJson(await context.req.text())
    const args = object(body)
    const reply = await answerWithFaults({
      context,
      struck: faults.strike('response_url', args),
      happen: () => answerResponseUrl(world, context.req.param('word') ?? '', body),
      done: noteCall(world, 'response_url', args),
    })
    if (reply === undefined) return RESPONSE_ALREADY_SENT
    return Response.json(reply.body, {
      status: reply.status,
      ...(reply.headers && { headers: reply.headers }),
    })
  })

  app.post('/upload/v1/:word', async (context) => {
    const bytes = await bytesOf(context)
    const reply = await answerWithFaults({
      context,
      struck: faults.strike('upload', {}),
      happen: () => {
        const { status, words } = takeUpload(world, context.req.param('word'), bytes)
        return { status, body: { answer: words } }
      },
      done: noteCall(world, 'upload', {}),
    })
    if (reply === undefined) return RESPONSE_ALREADY_SENT
    const words = reply.body['answer']
    return new Response(typeof words === 'string' ? words : '', {
      status: reply.status,
      ...(reply.headers && { headers: reply.headers }),
    })
  })

  app.get('/files-pri/:id/*', (context) => {
    const id = context.req.param('id')
    return giveFile(world, context, id.slice(id.indexOf('-') + 1))
  })
  return app
}

/** The server with its port, which can be closed and opened again under the same port. */
export interface Listening {
  readonly server: Server
  readonly port: number
  /** Refuses all HTTP from now on; open sockets of Socket Mode stay. */
  readonly close: () => Promise<void>
  readonly reopen: () => Promise<void>
}

/** Opens a server on a free port of 127.0.0.1 (or the given one). Requests go to what `serve` sets. */
export async function openServer(
  port = 0,
): Promise<Listening & { readonly serve: (fetch: App['fetch']) => void }> {
  let handle: ReturnType<typeof getRequestListener> | undefined
  const server = createServer((request, response) => void handle?.(request, response))
  const actual = await listen(server, port)
  return {
    server,
    port: actual,
    // The callback of close() would wait for the open sockets of Socket Mode; the port is free at once.
    close: () => {
      server.close()
      server.closeAllConnections()
      return Promise.resolve()
    },
    reopen: async () => {
      await listen(server, actual)
    },
    serve: (fetch) => {
      handle = getRequestListener(fetch, { overrideGlobalObjects: false })
    },
  }
}
