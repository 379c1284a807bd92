import { randomUUID } from 'node:crypto'
import { describe, expect, inject, it } from 'vitest'
import { pausedUntil } from '#db/queries/pauses.ts'
import { openStore } from '#db/store.ts'
import { pauseKey } from '#src/jobs/pauses.ts'
import { startOkta } from '#src/sandbox/okta/start.ts'
import { cast, setStage, startWorkspace } from '#src/sandbox/stage.ts'
import { checkNothingLeft } from '#test/faults/aftermath.ts'
import { databaseUrl, onServer } from '#test/helpers/postgres.ts'
import { mustBeAsPublished } from '#test/helpers/vendor-schemas.ts'

const server = inject('postgresUrl')
// The test run says why when there is no server.
const describePostgres = server === '' ? describe.skip : describe
const waitMs = { timeoutMs: 60_000 }
const pauseSeconds = 12
const people = Array.from({ length: 6 }, (_, index) => ({ login: `p${index}@corp.example` }))

describePostgres('a pause that Okta asks one replica for', () => {
  it('is kept by another one, and after the first was killed', { timeout: 300_000 }, async () => {
    const name = `pause_${randomUUID().replaceAll('-', '')}`
    await onServer(server, `CREATE DATABASE ${name}`)
    try {
      expect(await play(databaseUrl(server, name))).toEqual({ early: [], suspended: people.length })
    } finally {
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`)
    }
  })
})

/** What Okta was asked before the pause was over, and how many people are suspended in the end. */
async function play(url: string): Promise<{ readonly early: readonly string[]; readonly suspended: number }> {
  await using okta = await startOkta({ people })
  await using slack = await startWorkspace({ limits: { rateScale: Infinity } })
  const changes = {
    approval: { disable_account: { approvers: 0 } },
    enforcement: { drift_checks: [] },
  }
  const setting = { slack, estate: { okta }, databaseUrl: url, changes }
  await using one = await setStage(setting)
  await using two = await setStage(setting)
  const rita = slack.as(cast.responder)
  const roots = () => slack.messages(cast.channel)
  const ask = async (login: string) => {
    const before = roots().length
    await rita.command(cast.channel, `/disable-user ${login} token theft`)
    await (await rita.modal('disable_user', waitMs)).submit()
    await slack.waitUntil(() => roots().length > before, { ...waitMs, what: `the task about ${login}` })
  }
  const connected = (sockets: number) => () => slack.sockets.count() >= sockets

  const first = one.start()
  await slack.waitUntil(connected(1), waitMs)
  const limit = okta.faults.whenever(
    { path: /suspend/u },
    { kind: 'rate_limited', resetInSeconds: pauseSeconds },
    { times: 1 },
  )
  await ask(people[0]!.login)
  await slack.waitUntil(() => limit.hits() === 1, { ...waitMs, what: 'the answer 429' })
  const until = await pauseKept(url)
  const sent = okta.calls.length

  // Both have work now; then the one that was told is no more.
  await using second = two.start()
  await slack.waitUntil(connected(3), waitMs)
  for (const { login } of people.slice(1)) await ask(login)
  await first.kill()

  const done = () => roots().filter((root) => root.text.includes(': Successful.')).length === people.length
  await slack.waitUntil(done, { ...waitMs, what: 'the end of all tasks' })
  const early = okta.calls.slice(sent).filter((call) => call.at < until.getTime())
  await checkNothingLeft(url)
  await mustBeAsPublished({ okta })
  expect(second.output()).not.toMatch(/unhandled|uncaught|Something went wrong/iu)
  return {
    early: early.map((call) => `${call.method} ${call.path}`),
    suspended: people.filter(({ login }) => okta.person(login).status === 'SUSPENDED').length,
  }
}

/** Until when the database says that nobody calls Okta. */
async function pauseKept(url: string): Promise<Date> {
  const store = await openStore(url)
  try {
    const kept = () => store.read((ctx) => pausedUntil(ctx, pauseKey('iam', 'okta')))
    await expect.poll(kept).toBeDefined()
    return (await kept()) ?? new Date(0)
  } finally {
    await store.close()
  }
}
