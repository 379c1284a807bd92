import { once } from 'node:events'
import { createAdaptorServer } from '@hono/node-server'
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { Pool } from 'undici'
import { addMembers, insertLocalGroups } from '#db/queries/local-groups.ts'
import { insertSession } from '#db/queries/local-users-sign-in.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import type { Store } from '#db/store.ts'
import { systemClock } from '#src/clock.ts'
import { newId } from '#src/ids.ts'
import { silentLog } from '#src/log.ts'
import { createAccess } from '#src/sign-in/access-rules.ts'
import { createVerdicts, forwardKind, hashOf } from '#src/sign-in/forward-auth.ts'
import { forwardAuthRoutes, forwardCheck } from '#src/web/forward-auth.ts'
import { createWebServer } from '#src/web/server.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { startEngines } from './databases.ts'
import type { Figure, Row } from './figure.ts'
import { percentile } from './numbers.ts'

const host = 'wiki.example.net'
const rounds = 7
const requests = 3_000
const connections = 4
const groups = 50
const groupsEach = 3
const chunk = 500

/** The check of each request to a protected host, beside a handler that does one primary-key read on the same store. */
export const forwardAuth: Figure = {
  name: 'forward-auth',
  about: `${requests} checks of protected hosts over ${connections} connections, beside one primary-key read`,
  async run(tell) {
    await using small = await startEngines()
    await using large = await startEngines()
    const rows: Row[] = []
    for (const [index, { name, store }] of small.engines.entries()) {
      const big = large.engines[index]?.store ?? store
      const few = await fill(store, { users: 10, sessionsEach: 1 })
      const many = await fill(big, { users: 10_000, sessionsEach: 3 })
      tell(`${name}: people added`)
      const [first, second] = await compare({ store, tokens: few }, { store: big, tokens: many })
      const bound = { kind: 'factor', most: 1.5 } as const
      rows.push(
        { what: `forward-auth check p99, 10 users, ${name}`, unit: 'ms', ...first, bound },
        { what: `forward-auth check p99, 30,000 sessions, ${name}`, unit: 'ms', ...second, bound },
        {
          what: `forward-auth check p99, 30,000 sessions beside 10, ${name}`,
          unit: 'ms',
          ours: second.ours,
          theirs: first.ours,
          bound,
        },
      )
    }
    return rows
  },
}

/** Adds people with sessions at the host, each in some groups; returns the tokens. */
async function fill(
  store: Store,
  size: { readonly users: number; readonly sessionsEach: number },
): Promise<readonly string[]> {
  const names = Array.from({ length: groups }, (_, i) => `team ${i}`)
  await store.write((ctx) =>
    insertLocalGroups(
      ctx,
      names.map((name) => groupRow(name)),
    ),
  )
  const now = systemClock.now()
  const expiresAt = new Date(now.getTime() + 3_600_000)
  const tokens: string[] = []
  for (let done = 0; done < size.users; done += chunk) {
    const ids = Array.from({ length: Math.min(chunk, size.users - done) }, () => newId())
    await store.write(async (ctx) => {
      await insertLocalUsers(
        ctx,
        ids.map((id) =>
          localUserRow(id, { email: `${id}@corp.example`, emailKey: `${id.toLowerCase()}-${done}@x` }),
        ),
      )
      const members = ids.flatMap((userId, i) =>
        Array.from({ length: groupsEach }, (_, k) => ({
          groupId: `team ${(i + k) % groups}`,
          userId,
          emailKey: userId,
        })),
      )
      await addMembers(ctx, members)
      for (const userId of ids)
        for (let i = 0; i < size.sessionsEach; i += 1) {
          const token = newId()
          tokens.push(token)
          await insertSession(ctx, {
            ...{ id: hashOf(token), userId, kind: forwardKind(host), factors: ['password'] },
            ...{ createdAt: now, expiresAt },
          })
        }
    })
  }
  return tokens
}

type People = { readonly store: Store; readonly tokens: readonly string[] }

/** Few people and many, ours and bare, in turns, so that whatever else the machine does meets all alike. */
async function compare(few: People, many: People) {
  await using stack = new AsyncDisposableStack()
  const sides = []
  for (const { store, tokens } of [few, many]) {
    const web = stack.use(await startOurs(store))
    const bare = stack.use(await startBare(store))
    sides.push({ web, bare, tokens, times: { ours: [] as number[], theirs: [] as number[] } })
  }
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1)
    for (const { web, bare, tokens, times } of sides) {
      const one = await p99(web.port, '/forward-auth', tokens)
      const other = await p99(bare.port, '/', tokens)
      if (round === 0) continue
      times.ours.push(one)
      times.theirs.push(other)
    }
  const [first, second] = sides.map(({ times }) => times)
  if (first === undefined || second === undefined) throw new Error('both sides are there')
  return [first, second] as const
}

async function startOurs(store: Store) {
  const resources = [{ kind: 'host' as const, id: host, name: 'Wiki' }]
  const who = Array.from({ length: groups }, (_, i) => ({ kind: 'group' as const, name: `team ${i}` }))
  const access = createAccess({ resources, rules: [{ to: resources, who }] })
  const forward = {
    ...{
      forward: { store, clock: systemClock, access, verdicts: createVerdicts() },
      publicUrl: 'https://access.example.com',
    },
    ...{ signedIn: async () => undefined, signInPath: (to: string) => to, branding: async () => '' },
  }
  return await createWebServer({
    ...{ publicUrl: 'https://access.example.com', host: '127.0.0.1', port: 0, log: silentLog() },
    ...{
      trustedProxies: ['127.0.0.1/32'],
      pageless: [forwardCheck(forward)],
      anyHost: [forwardAuthRoutes(forward)],
      pages: [],
      branding: forward.branding,
    },
  })
}

/** A handler that reads one row by its primary key. */
async function startBare(store: Store) {
  const app = new Hono()
  app.get('/', async (context) => {
    const id = context.req.header('x-session') ?? ''
    const [row] = await store.read((ctx) =>
      ctx.q.select().from(ctx.t.localSessions).where(eq(ctx.t.localSessions.id, id)),
    )
    return context.body(null, row === undefined ? 401 : 204)
  })
  const server = createAdaptorServer({ fetch: app.fetch }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

async function p99(port: number, path: string, tokens: readonly string[]): Promise<number> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections })
  const times: number[] = []
  let next = 0
  const client = async () => {
    for (let i = next++; i < requests; i = next++) {
      // Far apart, so that no session is asked for twice in a row.
      const token = tokens[(i * 7_919) % tokens.length] ?? ''
      const headers = {
        ...{ 'x-original-url': `https://${host}/page`, 'x-session': hashOf(token) },
        cookie: `__Host-drawbridge-access=${token}`,
      }
      const begun = performance.now()
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers })
      await body.dump()
      times.push(performance.now() - begun)
      if (statusCode !== 204) throw new Error(`${path} answered ${statusCode}`)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  await pool.close()
  return percentile(times, 99)
}
