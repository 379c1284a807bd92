import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { type Config, configPath, type LoadedConfig, loadConfig } from '#src/config.ts'
import { adviceOn } from '#src/config/advice.ts'
import { configCheck } from '#src/config/check.ts'
import {
  change,
  exampleEnvironment,
  exampleText,
  load,
  loadChanged,
  mistakesOf,
  temporaryFolder,
} from '#test/config/example.ts'

function configOf(loaded: LoadedConfig): Config {
  if (loaded.kind === 'mistakes') throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.config
}

const least = `
slack:
  mode: socket
  bot_token: xoxb-1
  app_token: xapp-1
  channels: { default: C01 }
roles: { approver: [S01] }
`

test('the whole example is understood', () => {
  using folder = temporaryFolder()
  const config = configOf(load(exampleText(folder.path)))
  expect(config.slack).toMatchObject({ mode: 'socket', apiUrl: 'https://slack.com/api/' })
  expect(config.iamSystems.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
    'corp-ad active-directory',
    'unix-ldap openldap',
    'entra entra',
    'okta okta',
  ])
  expect(config.approval.disable_account).toEqual({
    approvers: 1,
    expiresAfterMs: 86_400_000,
    remindAfterMs: 900_000,
    escalateAfterMs: 1_800_000,
    stepUp: false,
  })
  expect(config.escalateTo).toEqual(['S00MANAGERS'])
  expect(config.web?.secrets.map((one) => one.reveal().at(0))).toEqual(['n', 'o'])
  expect(config.retention).toEqual({ tasksMs: 180 * 86_400_000, auditMs: 400 * 86_400_000 })
})

test('no secret shows when the configuration is printed', () => {
  using folder = temporaryFolder()
  const config = configOf(load(exampleText(folder.path)))
  expect(inspect(config, { depth: 20 }) + JSON.stringify(config)).not.toContain('hidden')
})

test('what is left out has its default', () => {
  const config = configOf(load(least))
  expect(config.database.url.reveal()).toBe('sqlite:drawbridge.db')
  expect(config.operations).toEqual({ port: 9090, host: '127.0.0.1' })
  expect(config.slack.fileHosts).toEqual(['files.slack.com'])
  expect(config.approval.force_sign_out.approvers).toBe(0)
  expect(config.approval.force_password_reset.approvers).toBe(1)
  expect(config.protection).toEqual({ deny: [], twoApprovers: [], detected: 'deny' })
  expect(config.enforcement).toEqual({
    callTimeoutMs: 20_000,
    callsPerSystem: 8,
    taskTimeoutMs: 600_000,
    driftChecksMs: [300_000, 2_100_000],
    enableRequiresPriorDisable: true,
  })
  expect([config.web, config.mail, config.logLevel]).toEqual([undefined, undefined, 'info'])
})

test('a section with nothing in it is the same as none', () => {
  expect(configOf(load(`${least}\nretention:\nweb:\niam_systems:\n`)).web).toBeUndefined()
})

test('in HTTP mode the signing secret is asked for and the port defaults to 3000', () => {
  const http = least.replace('mode: socket', 'mode: http').replace('app_token: xapp-1', 'signing_secret: s')
  expect(configOf(load(http)).slack).toMatchObject({ mode: 'http', port: 3000 })
  expect(mistakesOf(load(least.replace('socket', 'http')))).toEqual([
    'slack.signing_secret: This is missing. Please add it.',
    'slack.app_token: This key goes with mode: socket. Take it out.',
  ])
})

test('all mistakes are told at once, each with its line', () => {
  const text = `
slack:
  mode: socket
  bot_token: xapp-swapped
  app_token: \${NOT_SET}
  channels: { default: general }
colour: red
iam_systems:
  - { id: local, kind: openldap, url: "ldap://ldap.example.com", bind_dn: x, base_dn: y }
  - { id: a, kind: entra, tenant_id: t, client_id: c, client_secret: s, graph_url: "http://graph.example.com" }
  - { id: a, kind: novell }
roles: { approver: [U01] }
approval: { disable_account: { approvers: 2, step_up: true }, enable_account: { expires_after: soon } }
protected_accounts: { deny: ["group:nowhere:x"] }
enforcement: { call_timeout: 9m, task_timeout: 1m }
audit: { key: k }
`
  const loaded = load(text)
  const found = loaded.kind === 'ok' ? [] : loaded.mistakes.map(({ path, line }) => `${line} ${path}`)
  expect(found).toEqual([
    '4 slack.bot_token',
    '5 slack.app_token',
    '6 slack.channels.default',
    '7 colour',
    '9 iam_systems[0].bind_password',
    '9 iam_systems[0].url',
    '9 iam_systems[0].id',
    '10 iam_systems[1].graph_url',
    '11 iam_systems[2].kind',
    '11 iam_systems[2].id',
    '13 approval.enable_account.expires_after',
    '13 approval.disable_account.approvers',
    '13 approval.disable_account.step_up',
    '14 protected_accounts.deny[0]',
    '15 enforcement.call_timeout',
    '16 audit.key',
  ])
})

test('a whole file that is missing, broken or something else is one sentence', () => {
  expect(mistakesOf(loadConfig({ path: '/nowhere/drawbridge.yaml', env: {} }))).toEqual([
    ': The file /nowhere/drawbridge.yaml cannot be read (ENOENT). Set DRAWBRIDGE_CONFIG to the path of your configuration.',
  ])
  expect(mistakesOf(load('slack: [1'))[0]).toMatch(/^: Line 1, column \d+ is not YAML as expected/)
  expect(mistakesOf(load('a: 1\na: 2'))[0]).toContain('Line 2')
  expect(mistakesOf(load('- one'))).toEqual([': Keys with values belong here, beginning with slack:.'])
  expect(mistakesOf(load(''))).toEqual([': Keys with values belong here, beginning with slack:.'])
})

test('the path comes from DRAWBRIDGE_CONFIG, else it is ./drawbridge.yaml', () => {
  expect(configPath({ DRAWBRIDGE_CONFIG: '/etc/d.yaml' })).toBe('/etc/d.yaml')
  expect(configPath({})).toBe('./drawbridge.yaml')
})

test('values come from the environment and from files, inside a text too', () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'password')
  writeFileSync(file, 'from file\n\n')
  const text = `${least}database: { url: "postgres://u:\${PW}@db/d" }
mail: { smtp_url: "smtp://h", from: "$\${literal} <a@b.example>" }
web: { public_url: "https://\${HOST}", secret: "\${file:${file}}\${PAD}" }
operations: { port: "\${PORT}" }
`
  const env = { PW: 'p', HOST: 'h.example', PAD: 'x'.repeat(32), PORT: '9191' }
  const config = configOf(load(text, { env }))
  expect(config.database.url.reveal()).toBe('postgres://u:p@db/d')
  expect(config.mail?.from).toBe('${literal} <a@b.example>')
  expect(config.web?.publicUrl).toBe('https://h.example')
  // Only the last line break is dropped.
  expect(config.web?.secrets[0]?.reveal()).toBe(`from file\n${'x'.repeat(32)}`)
  expect(config.operations.port).toBe(9191)
})

test('what is filled in is never read as YAML', () => {
  const config = configOf(load(least.replace('xoxb-1', '${T}'), { env: { T: 'a: [b' } }))
  expect(config.slack.botToken.reveal()).toBe('a: [b')
})

test.each([
  ['${MISSING}', 'The environment variable MISSING is not set. Set it and start again.'],
  ['${EMPTY}', 'The environment variable EMPTY is empty. Give it a value and start again.'],
  ['${file:/nowhere/x}', 'The file /nowhere/x cannot be read (ENOENT). Create it, or mend the path.'],
  ['${a b}', 'Write ${NAME} for an environment variable'],
])('%s says what is missing, once', (value, sentence) => {
  const mistakes = mistakesOf(load(least.replace('xoxb-1', `"${value}"`), { env: { EMPTY: '' } }))
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]).toContain(`slack.bot_token: ${sentence}`)
})

test('the log level comes from the environment', () => {
  expect(configOf(load(least, { env: { DRAWBRIDGE_LOG_LEVEL: 'debug' } })).logLevel).toBe('debug')
  expect(mistakesOf(load(least, { env: { DRAWBRIDGE_LOG_LEVEL: 'loud' } }))[0]).toContain(
    'DRAWBRIDGE_LOG_LEVEL',
  )
})

test('a complete configuration is summed up without its secrets', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'd.yaml')
  writeFileSync(path, exampleText(folder.path))
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  expect(configCheck({ path, env: exampleEnvironment, write })).toBe(0)
  const text = lines.join('\n')
  for (const part of ['is complete', 'corp-ad (active-directory)', 'default C0000000001', 'S00APPROVERS'])
    expect(text).toContain(part)
  expect(text).not.toContain('hidden')
})

test.each([
  [{ 'web.trusted_proxies': [] }, true],
  [{}, false],
  [{ 'web.trusted_proxies': ['127.0.0.1/32', '::/0'] }, true],
  [{ 'web.public_url': 'http://127.0.0.1:8080', 'web.trusted_proxies': undefined }, false],
  [{ web: undefined, mail: undefined, access: undefined, openid: undefined }, false],
])(
  'pages behind a proxy that nobody named, or behind anybody, are warned about: case %#',
  (changes, isSaid) => {
    const loaded = loadChanged(changes)
    if (loaded.kind !== 'ok') throw new Error(JSON.stringify(loaded.mistakes))
    const said = adviceOn(loaded.config).map(({ path }) => path)
    expect(said).toEqual(isSaid ? ['web.trusted_proxies'] : [])
  },
)

test('the summary says what to think about', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'd.yaml')
  writeFileSync(path, exampleText(folder.path).replace('trusted_proxies: [127.0.0.1/32]', ''))
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  expect(configCheck({ path, env: exampleEnvironment, write })).toBe(0)
  expect(lines.at(-1)).toMatch(/^ {2}! web\.trusted_proxies: /)
})

test('a wrong configuration ends with status 78 and all of its mistakes', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'd.yaml')
  writeFileSync(path, `${least}colour: red\nroless: {}\n`)
  const lines: string[] = []
  expect(configCheck({ path, env: {}, write: (line) => void lines.push(line) })).toBe(78)
  expect(lines).toEqual([
    `Nothing was started: 2 things have to be mended in ${path}.`,
    '  colour (line 8): There is no such key here. Take it out, or look it up in docs/configuration.md.',
    '  roless (line 9): There is no such key here. Did you mean roles?',
  ])
})

test('whatever the file holds, loading ends with a configuration or with sentences, and tells no secret', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'fuzz.yaml')
  const base = exampleText(folder.path)
  const paths = [...leafPaths(parse(base), [])]
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.jsonValue().map((value) => stringify(value)),
        fc
          .array(fc.tuple(fc.constantFrom(...paths), fc.jsonValue()), { minLength: 1, maxLength: 5 })
          .map((changes) => {
            const file = parse(base)
            for (const [at, value] of changes) change(file, at, value)
            return stringify(file)
          }),
      ),
      (text) => {
        writeFileSync(path, text)
        const loaded = loadConfig({ path, env: exampleEnvironment })
        if (loaded.kind === 'ok') return
        expect(loaded.mistakes.length).toBeGreaterThan(0)
        for (const { sentence } of loaded.mistakes) {
          expect(sentence).toMatch(/^[A-Z“$a-z].*[.?]$/s)
          expect(sentence).not.toMatch(/hidden|undefined|Invalid|\[object/)
        }
      },
    ),
    { numRuns: 400 },
  )
})

function* leafPaths(value: unknown, path: readonly string[]): Generator<readonly string[]> {
  if (path.length > 0) yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, one] of Object.entries(value)) yield* leafPaths(one, [...path, key])
}

test('a directory in the place of the file is told, not thrown', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'd.yaml')
  mkdirSync(path)
  expect(mistakesOf(loadConfig({ path, env: {} }))[0]).toContain('EISDIR')
})
