import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type BotProcess, startBot } from '#src/sandbox/bot.ts'
import { freePorts } from '#src/sandbox/directories/server-process.ts'
import type { Slack } from '#src/sandbox/slack/index.ts'
import { cast, startWorkspace } from '#src/sandbox/stage.ts'

const wrongConfiguration = 78
const notAvailable = 69
const web = { public_url: 'https://access.example', host: '127.0.0.1', port: 0, secret: 'w'.repeat(32) }
const patience = { timeout: 240_000 }

let slack: Slack
let folder: string
let operationsPort: number
let stack: AsyncDisposableStack

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  slack = stack.use(await startWorkspace())
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-start-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  operationsPort = (await freePorts(1))[0] ?? 0
})
afterEach(() => stack.disposeAsync())

/** Starts the real process; what is given goes over the top level of its file. */
async function start(
  changes: Readonly<Record<string, unknown>> = {},
  secrets: Readonly<Record<string, string>> = {},
): Promise<BotProcess> {
  const configFile = join(folder, 'drawbridge.yaml')
  const file = {
    slack: {
      mode: 'socket',
      bot_token: '${BOT_TOKEN}',
      app_token: '${APP_TOKEN}',
      api_url: slack.apiUrl,
      channels: { default: cast.channel },
    },
    database: { url: `sqlite:${join(folder, 'drawbridge.db')}` },
    operations: { port: operationsPort },
    iam_systems: [
      {
        id: 'unix-ldap',
        kind: 'openldap',
        url: 'ldap://127.0.0.1:1',
        bind_dn: 'cn=bot,dc=example,dc=com',
        bind_password: 'unused',
        base_dn: 'dc=example,dc=com',
      },
    ],
    roles: { responder: [cast.responder], approver: [cast.approvers], owner: [cast.owner] },
    ...changes,
  }
  await writeFile(configFile, stringify(file))
  const tokens = { BOT_TOKEN: slack.botToken, APP_TOKEN: slack.appToken, ...secrets }
  const bot = startBot({ configFile, secrets: tokens })
  stack.defer(() => bot.kill())
  return bot
}

/** How it ended, and what it said: never a stack trace, never an error that fell through. */
async function endOf(bot: BotProcess): Promise<{ readonly code: number; readonly said: string }> {
  const code = await bot.ended
  const said = bot.output()
  expect(said).not.toMatch(/^\s+at .+:\d+/mu)
  expect(said).not.toMatch(/unhandled|uncaught/iu)
  return { code, said }
}

async function isReady(): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${operationsPort}/readyz`).then(
    (response) => response.ok,
    () => false,
  )
}

function says(bot: BotProcess, words: string): Promise<void> {
  return expect.poll(() => bot.output(), { timeout: 60_000, interval: 50 }).toContain(words)
}

describe('a bot that Slack does not take', () => {
  it('ends with the name of the setting for a wrong bot token', patience, async () => {
    const { code, said } = await endOf(await start({}, { BOT_TOKEN: 'xoxb-wrong' }))
    expect(said).toContain('slack.bot_token')
    expect(code).toBe(wrongConfiguration)
  })

  it('ends with the name of the setting for a wrong app token', patience, async () => {
    const { code, said } = await endOf(await start({}, { APP_TOKEN: 'xapp-1-wrong' }))
    expect(said).toContain('slack.app_token')
    expect(code).toBe(wrongConfiguration)
  })

  it('ends with the names of the scopes that the app lacks', patience, async () => {
    slack.scopes.delete('chat:write')
    const { code, said } = await endOf(await start())
    expect(said).toContain('lacks the scopes chat:write')
    expect(code).toBe(wrongConfiguration)
  })

  it('ends when Socket Mode is switched off in the settings of the app', patience, async () => {
    slack.settings.socketMode = false
    const { code, said } = await endOf(await start())
    expect(said).toMatch(/Socket Mode/u)
    expect(code).toBe(wrongConfiguration)
  })

  it('waits for Slack when it cannot be reached, says so, and connects once it can', patience, async () => {
    await slack.faults.closeApi()
    const bot = await start()
    await says(bot, 'Slack cannot be reached')
    expect(await isReady()).toBe(false)
    await slack.faults.reopenApi()
    await slack.waitUntil(() => slack.sockets.count() === 2, { timeoutMs: 60_000, what: 'two connections' })
    await expect.poll(isReady, { timeout: 60_000 }).toBe(true)
    await bot[Symbol.asyncDispose]()
    expect((await endOf(bot)).code).toBe(0)
  })

  it('stops at once when it is asked to while Slack does not answer', patience, async () => {
    const hang = slack.faults.whenever('auth.test', { kind: 'hang' })
    const bot = await start()
    await slack.waitUntil(() => hang.hits() > 0, { timeoutMs: 60_000 })
    await bot[Symbol.asyncDispose]()
    expect((await endOf(bot)).code).toBe(0)
  })

  it(
    'says that the token was revoked while it ran, and works on once it is good again',
    patience,
    async () => {
      const bot = await start()
      await slack.waitUntil(() => slack.sockets.count() === 2, { timeoutMs: 60_000 })
      slack.faults.revokeToken(slack.botToken)
      const rita = slack.as(cast.responder)
      await rita.command(cast.channel, '/disable-user u00')
      await says(bot, 'token_revoked')
      const told = await slack.waitUntil(() => rita.ephemerals().at(-1), { timeoutMs: 60_000 })
      expect(told.text).not.toContain('token_revoked')
      slack.faults.acceptToken(slack.botToken)
      await rita.command(cast.channel, '/disable-user u00')
      await rita.modal(undefined, { timeoutMs: 60_000 })
      await bot[Symbol.asyncDispose]()
      expect(await bot.ended).toBe(0)
    },
  )
})

describe('a bot with pages for people', () => {
  it.each([
    ['no proxy named', [], true],
    ['the proxy named', ['127.0.0.1/32'], false],
  ] as const)('says once what will not do as it starts: %s', patience, async (_, trusted_proxies, isSaid) => {
    const bot = await start({ web: { ...web, trusted_proxies } })
    await expect.poll(isReady, { timeout: 60_000 }).toBe(true)
    const said = bot.output().match(/"setting":"web\.trusted_proxies"/g) ?? []
    expect(said).toHaveLength(isSaid ? 1 : 0)
  })
})

describe('a bot that cannot start', () => {
  it('lists every mistake of its configuration and starts nothing', patience, async () => {
    const bot = await start({ roles: { approver: [], nobody: [] }, enforcement: { call_timeout: 'soon' } })
    const { code, said } = await endOf(bot)
    expect(code).toBe(wrongConfiguration)
    for (const path of ['roles.approver', 'roles.nobody', 'enforcement.call_timeout'])
      expect(said).toContain(path)
    expect(slack.calls).toEqual([])
    expect(await readdir(folder)).toEqual(['drawbridge.yaml'])
  })

  it.each([
    ['PostgreSQL', () => 'postgres://bot:geheim@127.0.0.1:1/drawbridge', 'ECONNREFUSED'],
    ['the folder of its SQLite file', () => `sqlite:${join(folder, 'missing', 'x.db')}`, 'directory'],
  ])('says that it cannot open its database: %s', patience, async (_, url, words) => {
    const { code, said } = await endOf(await start({ database: { url: url() } }))
    expect(said).toContain('database.url')
    expect(said).toContain(words)
    expect(said).not.toContain('geheim')
    expect(code).toBe(notAvailable)
  })

  it('says that its port for operations is taken', patience, async () => {
    const holder = createServer().listen(operationsPort, '127.0.0.1')
    await once(holder, 'listening')
    stack.defer(() => void holder.close())
    const { code, said } = await endOf(await start())
    expect(said).toContain(String(operationsPort))
    expect(code).toBe(notAvailable)
    expect(slack.sockets.count()).toBe(0)
  })

  it('says that its port for the sign-in pages is taken', patience, async () => {
    const [port = 0] = await freePorts(1)
    const holder = createServer().listen(port, '127.0.0.1')
    await once(holder, 'listening')
    stack.defer(() => void holder.close())
    const { code, said } = await endOf(await start({ web: { ...web, port } }))
    expect(said).toContain(`cannot be served on port ${port}`)
    expect(code).toBe(notAvailable)
  })

  it('says that its port for requests of Slack is taken', patience, async () => {
    const [port = 0] = await freePorts(1)
    const holder = createServer().listen(port)
    await once(holder, 'listening')
    stack.defer(() => void holder.close())
    const http = {
      mode: 'http',
      bot_token: '${BOT_TOKEN}',
      signing_secret: slack.signingSecret,
      port,
      api_url: slack.apiUrl,
      channels: { default: cast.channel },
    }
    const { code, said } = await endOf(await start({ slack: http }))
    expect(said).toContain(String(port))
    expect([notAvailable, wrongConfiguration]).toContain(code)
  })
})
