import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createMetrics, type MetricSources } from '#src/operations/metrics.ts'
import {
  createOperationsServer,
  OperationsAddressError,
  type ReadinessCheck,
} from '#src/operations/server.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'

const quiet: MetricSources = {
  jobsWaiting: () => Promise.resolve(0),
  outboxLinesWaiting: () => Promise.resolve(0),
  oldestWaitingSeconds: () => Promise.resolve(0),
  slackConnections: () => 0,
  mailsWaiting: () => Promise.resolve(0),
  oldestMailSeconds: () => Promise.resolve(0),
  isMailServerAway: () => false,
  lastMailFailureSeconds: () => 0,
  systems: ['corp-ad', 'unix-ldap'],
  limits: ['code', 'client_secret'],
}

function start(readiness: readonly ReadinessCheck[] = [], sources = quiet, port = 0) {
  const log = createKeptLog()
  const metrics = createMetrics(sources, log)
  const server = createOperationsServer({
    host: '127.0.0.1',
    port,
    readiness,
    metrics,
    log,
    checkTimeoutMs: 100,
  })
  return { log, metrics, server }
}

test('a system that does not answer is told apart from those that do, and no metric is left out of its page', async () => {
  const metrics = createMetrics(quiet, createKeptLog())
  metrics.systemAway('unix-ldap', true)
  const text = await metrics.text()
  expect(text).toContain('drawbridge_iam_system_away{system="corp-ad"} 0')
  expect(text).toContain('drawbridge_iam_system_away{system="unix-ldap"} 1')
  metrics.systemAway('unix-ldap', false)
  expect(await metrics.text()).toContain('drawbridge_iam_system_away{system="unix-ldap"} 0')
  const names = [...text.matchAll(/^# TYPE (drawbridge_\w+)/gmu)].map(([, name = '']) => name)
  const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const onThePage = [...page.matchAll(/^\| `(drawbridge_\w+)`/gmu)].map(([, name = '']) => name)
  expect(onThePage.toSorted()).toEqual(names.toSorted())
})

test('a process that runs is alive, whatever it is waiting for', async () => {
  await using server = await start([{ part: 'slack', reason: () => 'not connected' }]).server
  const answer = await fetch(`${server.url}/healthz`)
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'alive' }])
})

test('it is ready only once everything is, and says why not', async () => {
  let open = 0
  await using server = await start([
    { part: 'slack', reason: () => (open === 0 ? 'no connection is open' : undefined) },
    { part: 'database', reason: () => Promise.resolve(undefined) },
  ]).server
  const before = await fetch(`${server.url}/readyz`)
  expect([before.status, await before.json()]).toEqual([
    503,
    { status: 'not ready', reasons: [{ part: 'slack', reason: 'no connection is open' }] },
  ])
  open = 2
  const after = await fetch(`${server.url}/readyz`)
  expect([after.status, await after.json()]).toEqual([200, { status: 'ready' }])
})

test('a check that throws or never ends makes it not ready; why stays in the log', async () => {
  const { server: starting, log } = start([
    { part: 'database', reason: () => Promise.reject(new Error('password=hunter2')) },
    { part: 'slack', reason: () => new Promise(() => {}) },
    {
      part: 'outbox',
      reason: () => {
        throw new Error('at once')
      },
    },
  ])
  await using server = await starting
  const answer = await fetch(`${server.url}/readyz`)
  expect(await answer.json()).toEqual({
    status: 'not ready',
    reasons: [
      { part: 'database', reason: 'does not answer' },
      { part: 'slack', reason: 'does not answer in time' },
      { part: 'outbox', reason: 'does not answer' },
    ],
  })
  expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn'])
})

test('metrics are Prometheus text with what is waiting and how enforcements ended', async () => {
  const { server: starting, metrics } = start([], {
    jobsWaiting: () => Promise.resolve(3),
    outboxLinesWaiting: () => Promise.resolve(7),
    oldestWaitingSeconds: () => Promise.resolve(12.5),
    slackConnections: () => 2,
    mailsWaiting: () => Promise.resolve(5),
    oldestMailSeconds: () => Promise.resolve(61),
    isMailServerAway: () => true,
    lastMailFailureSeconds: () => 1_700_000_000,
    systems: [],
    limits: ['code', 'client_secret'],
  })
  await using server = await starting
  metrics.enforcementEnded({ systemId: 'corp-ad', action: 'disable_account', result: 'successful' })
  metrics.enforcementEnded({ systemId: 'corp-ad', action: 'disable_account', result: 'successful' })
  metrics.limitMet('code')
  metrics.limitMet('code', 3)
  const answer = await fetch(`${server.url}/metrics`)
  expect(answer.headers.get('content-type')).toContain('text/plain')
  const text = await answer.text()
  for (const line of [
    'drawbridge_jobs_waiting 3',
    'drawbridge_outbox_lines_waiting 7',
    'drawbridge_oldest_waiting_seconds 12.5',
    'drawbridge_slack_connections 2',
    'drawbridge_mails_waiting 5',
    'drawbridge_oldest_mail_seconds 61',
    'drawbridge_mail_server_away 1',
    'drawbridge_mail_last_failure_timestamp_seconds 1700000000',
    'drawbridge_enforcements_total{system="corp-ad",action="disable_account",result="successful"} 2',
    'drawbridge_limited_total{limit="code"} 4',
    'drawbridge_limited_total{limit="client_secret"} 0',
  ])
    expect(text).toContain(`${line}\n`)
  expect(text).toContain('process_cpu_seconds_total')
})

test('a number that cannot be had is NaN and the others stand', async () => {
  const jobsWaiting = (): Promise<number> => Promise.reject(new Error('away'))
  await using server = await start([], { ...quiet, jobsWaiting, slackConnections: () => 2 }).server
  const text = await (await fetch(`${server.url}/metrics`)).text()
  expect(text).toContain('drawbridge_jobs_waiting Nan')
  expect(text).toContain('drawbridge_slack_connections 2\n')
})

test('any other path names those that are there', async () => {
  await using server = await start().server
  const answer = await fetch(`${server.url}/`)
  expect([answer.status, await answer.json()]).toEqual([404, { paths: ['/healthz', '/readyz', '/metrics'] }])
})

test('a port that is taken is told with what to do', async () => {
  await using first = await start().server
  const port = Number(new URL(first.url).port)
  await expect(start([], quiet, port).server).rejects.toThrow(OperationsAddressError)
  await expect(start([], quiet, port).server).rejects.toThrow(`127.0.0.1:${port}. Set operations.port`)
})

test('closing frees the port, even while somebody keeps a connection open', async () => {
  const { url } = await (async () => {
    await using server = await start().server
    await fetch(`${server.url}/healthz`)
    return server
  })()
  await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed')
  await using again = await start([], quiet, Number(new URL(url).port)).server
  expect(again.url).toBe(url)
})
