import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { listen } from '#src/sandbox/http/listen.ts'
import { parseJson } from '#src/sandbox/json.ts'
import { mailboxRoutes } from '#src/sandbox/mailbox/pages.ts'
import { serveAssets } from '#src/sandbox/workspace/assets.ts'
import { type Desk, deskOf, type SentFile } from '#src/sandbox/workspace/desk.ts'
import { Doing } from '#src/sandbox/workspace/doing.ts'
import { guard } from '#src/sandbox/workspace/guard.ts'
import { createLive } from '#src/sandbox/workspace/live.ts'
import { OutsideDoing } from '#src/sandbox/workspace/outside.ts'
import { documentHtml } from '#src/sandbox/workspace/pages/layout.ts'
import { startHtml } from '#src/sandbox/workspace/pages/start.ts'
import { type Looking, workspacePage, type WorkspaceDeps } from '#src/sandbox/workspace/pages/workspace.ts'
import { channelOf, placeNamed } from '#src/sandbox/workspace/places.ts'

/** The page while it is served; disposing ends it with all who look at it. */
export interface WorkspaceServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
}

const largestBody = 64 * 1024 * 1024

/** Serves the workspace on 127.0.0.1 alone: on this port, or another one when that is taken. */
export async function serveWorkspace(
  deps: WorkspaceDeps & {
    readonly port: number
    /** Each calls its listener when something changes that is not in Slack. */
    readonly alsoChanges: readonly ((listener: () => void) => () => void)[]
  },
): Promise<WorkspaceServer> {
  let port = 0
  const live = createLive()
  const app = createApp(deps, live, () => port)
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  const server = createServer((request, response) => void handle(request, response))
  port = await listen(server, deps.port).catch(() => listen(server, 0))
  const ends = [deps.slack.onChange, ...deps.alsoChanges].map((onChange) => onChange(live.tell))
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    [Symbol.asyncDispose]: async () => {
      for (const end of ends) end()
      live.end()
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function createApp(deps: WorkspaceDeps, live: ReturnType<typeof createLive>, port: () => number): Hono {
  const app = new Hono()
  const desks = new Map<string, Desk>()
  const deskFor = (id: string): Desk => {
    const desk = desks.get(id) ?? deskOf(deps.slack, id)
    desks.set(id, desk)
    return desk
  }
  const memberNamed = (name: string | undefined) => deps.cast.find((each) => each.name === name)
  const looking = (context: Context): Looking | undefined => {
    const member = memberNamed(context.req.param('name'))
    const place = placeNamed(context.req.param('place') ?? '')
    if (member === undefined || place === undefined) return undefined
    return { member, place, desk: deskFor(member.id), thread: context.req.query('thread') }
  }
  app.use(guard(port))
  app.onError((error, context) => {
    process.stderr.write(`${error.stack ?? error.message}\n`)
    return context.json(
      { sentence: 'Something went wrong in the sandbox itself. The terminal says what.' },
      500,
    )
  })
  serveAssets(app)
  app.route('/', mailboxRoutes(deps.mailbox))
  app.get('/', (context) => context.html(documentHtml('Drawbridge sandbox', startHtml(deps.cast))))
  app.get('/as/:name', (context) =>
    context.redirect(`/as/${encodeURIComponent(context.req.param('name'))}/security`),
  )
  app.get('/as/:name/:place', (context) => {
    const wanted = looking(context)
    if (wanted === undefined) return context.redirect('/')
    const { title, body } = workspacePage(deps, wanted)
    return context.html(documentHtml(title, body))
  })
  app.get('/as/:name/:place/files/:id', (context) => {
    const wanted = looking(context)
    const channelId = wanted && channelOf(wanted.desk, wanted.place, deps.channels)
    const seen = channelId === undefined ? [] : (wanted?.desk.person.sees(channelId) ?? [])
    const file = seen.flatMap(({ files }) => files).find(({ id }) => id === context.req.param('id'))
    if (file === undefined) return context.notFound()
    const name = encodeURIComponent(file.name)
    context.header('content-disposition', `attachment; filename*=UTF-8''${name}`)
    return context.body(new Uint8Array(file.bytes), 200, { 'content-type': 'application/octet-stream' })
  })
  app.get('/live/as/:name/:place', (context) => {
    const wanted = looking(context)
    if (wanted === undefined) return context.notFound()
    return live.stream(context, () => workspacePage(deps, wanted).body.html)
  })
  app.use(bodyLimit({ maxSize: largestBody }))
  app.post('/as/:name/do', async (context) => {
    const member = memberNamed(context.req.param('name'))
    const { doing, files } = await sent(context)
    const parsed = Doing.safeParse(doing)
    if (member === undefined || !parsed.success)
      return context.json({ sentence: 'The page sent something odd.' }, 400)
    const outcome = await deskFor(member.id).act(parsed.data, files)
    live.tell()
    return context.json(outcome)
  })
  app.post('/outside', async (context) => {
    const parsed = OutsideDoing.safeParse((await sent(context)).doing)
    if (!parsed.success) return context.json({ sentence: 'The page sent something odd.' }, 400)
    const sentence = await deps.outside.act(parsed.data)
    live.tell()
    return context.json({ sentence })
  })
  return app
}

async function sent(
  context: Context,
): Promise<{ readonly doing: unknown; readonly files: readonly SentFile[] }> {
  const form = await context.req.formData()
  const files = await Promise.all(
    form
      .getAll('file')
      .filter((each) => typeof each !== 'string')
      .map(async (file) => ({
        name: file.name,
        type: file.type,
        content: Buffer.from(await file.arrayBuffer()),
      })),
  )
  const doing = form.get('doing')
  return { doing: typeof doing === 'string' ? parseJson(doing) : undefined, files }
}
