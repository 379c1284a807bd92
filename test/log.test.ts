import fc from 'fast-check'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ConnectorError } from '#src/errors.ts'
import { createLog, redactLine, silentLog } from '#src/log.ts'
import { sameSecret, secret } from '#src/secrets.ts'

function write(use: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = []
  use(createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } }))
  return lines.join('')
}

test('a line carries time, level, facts and sentence', () => {
  const line = JSON.parse(write((log) => log.warn({ system: 'corp-ad', tries: 3 }, 'asked again')))
  expect(line).toMatchObject({ level: 'warn', system: 'corp-ad', tries: 3, msg: 'asked again' })
  expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT/)
})

test.each([
  ['a wrapped secret', { using: secret('hunter2') }, 'hunter2'],
  ['a bot token in a fact', { note: 'sent xoxb-12-ab34 along' }, 'xoxb-12'],
  ['an app token', { note: 'xapp-1-A0-77-beef' }, 'beef'],
  ['a key that names a token', { request: { bot_token: 'opaque' } }, 'opaque'],
  ['a header', { headers: { Authorization: 'Basic dTpw' } }, 'dTpw'],
  ['an answer address', { response_url: 'https://hooks.slack.example/x' }, 'hooks.slack'],
  ['an answer address in a text', { note: 'POST https://hooks.slack.com/commands/T1/2/abc' }, 'commands/T1'],
  ['a trigger', { body: { trigger_id: '13345.99' } }, '13345'],
  ['what stands in a form', { view: { state: { values: { person: 'Alice' } } } }, 'Alice'],
  ['an address by its key', { email: 'nobody' }, 'nobody'],
  ['an address in a text', { note: 'about alice@corp.example now' }, 'alice'],
  ['an address after a line break', { note: 'about\nalice@corp.example' }, 'alice'],
  ['an address with umlauts', { note: 'jürgen@köln.example' }, 'jürgen'],
])('%s is not written', (_, facts, hidden) => {
  const line = write((log) => log.info(facts, 'said'))
  expect(line).not.toContain(hidden)
  expect(JSON.parse(line).msg).toBe('said')
})

test('the sentence itself is cleaned too', () => {
  expect(write((log) => log.info({}, 'mail to bob@corp.example with xoxb-123-456'))).not.toMatch(/bob|xoxb/)
})

test('an error is written with its stack, code, facts and cause, without the address in its message', () => {
  const cause = new Error('refused for bob@corp.example')
  const err = new ConnectorError('not_permitted', 'no', { permission: 'write userAccountControl' }, cause)
  const line = JSON.parse(write((log) => log.error({ err }, 'failed')))
  expect(line.err).toMatchObject({
    type: 'ConnectorError',
    code: 'not_permitted',
    facts: { permission: 'write userAccountControl' },
    cause: { message: 'refused for [e-mail]' },
  })
  expect(line.err.stack).toContain('log.test.ts')
})

test('facts that hold themselves do not stop the log', () => {
  const facts: Record<string, unknown> = { system: 'corp-ad' }
  facts['self'] = facts
  expect(write((log) => log.info(facts, 'round'))).toContain('[deeper]')
})

test('whatever stands in the facts, the line stays JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const line = write((log) => log.info({ value, text, both: `${text}\na@b.example` }, text))
      expect(JSON.parse(line).both).toContain('\n[e-mail]')
    }),
  )
})

test('a long line without any address is looked through quickly', () => {
  const long = JSON.stringify('a'.repeat(2_000_000))
  expect(redactLine(long)).toBe(long)
})

test('a silent log writes nothing and an info log leaves debug lines out', () => {
  silentLog().error({}, 'unheard')
  const lines: string[] = []
  createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }).debug({}, 'detail')
  expect(lines).toEqual([])
})

test('a secret shows itself only when it is asked to', () => {
  const password = secret('hunter2')
  expect(password.reveal()).toBe('hunter2')
  for (const shown of [String(password), JSON.stringify({ password }), inspect({ password })])
    expect(shown).not.toContain('hunter2')
})

test('two secrets are the same only when all of them is', () => {
  expect(sameSecret('abc', 'abc')).toBe(true)
  expect(sameSecret('abc', 'abcd')).toBe(false)
  expect(sameSecret('', 'a')).toBe(false)
})
