import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { openStore } from '#db/store.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { createSchedules } from '#src/jobs/schedules.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { forgetOverJob, forgettingSchedules } from '#src/retention.ts'
import { mostUnfinished } from '#src/sign-in/oidc/adapter.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { idOf, startLogoutListener, startOpenIdStage, wikiSecret } from '#test/helpers/openid.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { ask } from '#test/helpers/web.ts'

const stageHere = async () => await startOpenIdStage(await openStore('sqlite::memory:'))
type Stage = Awaited<ReturnType<typeof stageHere>>

const begun = async ({ store }: Stage) =>
  await store.read((ctx) =>
    ctx.q.select().from(ctx.t.oidcRecords).where(eq(ctx.t.oidcRecords.kind, 'Interaction')),
  )

it('a stranger who begins very many sign-ins is asked to wait, and others are not', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const stranger = await stage.browser()
  await stranger.visit((await party.request()).path)
  const [first] = await begun(stage)
  const more = Array.from({ length: mostUnfinished.perSource - 1 }, (_, n) => ({ ...first!, id: `${n}` }))
  await stage.store.write((ctx) => ctx.q.insert(ctx.t.oidcRecords).values(more))
  const refused = await stranger.visit((await party.request()).path, { headers: { accept: 'text/html' } })
  expect([refused.status, refused.headers['location']]).toEqual([429, undefined])
  expect(refused.text).toContain('Very many sign-ins were begun from your network and not finished.')
  expect(refused.headers['content-security-policy']).toContain("default-src 'none'")
  const signOut = await stranger.visit('/oidc/sign-out', { headers: { accept: 'text/html' } })
  expect([signOut.status, signOut.text]).toEqual([429, expect.stringContaining('Very many sign-ins')])
  expect(await begun(stage)).toHaveLength(mostUnfinished.perSource)
  // Each request once, whatever the provider tries to write in it.
  expect([...stage.met]).toEqual([['openid_by_source', 2]])
  await stage.store.write((ctx) => ctx.q.update(ctx.t.oidcRecords).set({ source: 'elsewhere' }))
  expect((await stranger.visit((await party.request()).path)).status).toBe(303)
})

it('an address that is longer than what others take is refused, and nothing of it is kept', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  const browser = await stage.browser()
  expect((await browser.visit((await party.request({ state: 'x'.repeat(7_000) })).path)).status).toBe(303)
  const refused = await browser.visit((await party.request({ state: 'x'.repeat(8_000) })).path)
  expect([refused.status, refused.text]).toEqual([414, expect.stringContaining('8,000 characters are taken')])
  expect(await begun(stage)).toHaveLength(1)
})

/** What the schedule of each hour does. */
async function forgetByTheHour({ store, clock, log }: Stage): Promise<void> {
  const hourly = forgettingSchedules.filter(({ pattern }) => pattern.endsWith(' * * * *'))
  const kinds = [forgetOverJob({ store, clock })]
  await createSchedules({ store, clock, log, schedules: hourly }).tick()
  await createRunner({ store, clock, log, kinds, concurrency: 1 }).runAllDue()
}

it('what is over is forgotten by the hour: sign-ins that nobody finished, and sessions of nobody', async () => {
  const stage = await stageHere()
  const party = await stage.party()
  await (await stage.browser()).visit((await party.request()).path)
  await (await stage.browser()).visit('/oidc/sign-out')
  const ann = await stage.browser('ann')
  await party.signIn(ann)
  const left = async () => {
    const rows = await stage.store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))
    return rows.map(({ kind, userId }) => `${kind} ${userId ?? 'nobody'}`).toSorted()
  }
  await forgetByTheHour(stage)
  expect(await left()).toEqual(expect.arrayContaining(['Interaction nobody', 'Session nobody']))
  // The provider has a clock of its own, so an hour and a bit.
  stage.clock.move(3_700_000)
  await forgetByTheHour(stage)
  expect(await left()).toEqual(['Grant', 'RefreshToken', 'Session'].map((kind) => `${kind} ${idOf('ann')}`))
})

it('what hangs on a sign-in that ended by itself is forgotten, and its services still hear when the person is disabled', async () => {
  const listener = await startLogoutListener()
  const store = await openStore('sqlite::memory:')
  const stage = await startOpenIdStage(store, { backchannelLogoutUri: listener.url })
  const party = await stage.party()
  await party.signIn(await stage.browser('ann'))
  await party.signIn(await stage.browser('ann'), { scope: 'openid offline_access', prompt: 'consent' })
  stage.clock.move(13 * 3_600_000)
  await forgetByTheHour(stage)
  const left = await store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))
  expect(left.map(({ kind, sessionId }) => `${kind} of ${sessionId ?? 'none'}`).toSorted()).toEqual([
    'Grant of none',
    'RefreshToken of none',
  ])
  expect(await store.read((ctx) => ctx.q.select().from(ctx.t.localSessions))).toEqual([])
  await createLocalDirectory(stage.deps).disable(idOf('ann'))
  await stage.runner.runAllDue()
  expect(listener.arrived).toHaveLength(2)
})

describeOnBothEngines('secrets of a client', (open) => {
  const stageOf = async () => {
    const stage = await startOpenIdStage(await open())
    const replica = await stage.serve(['w'.repeat(32)])
    /** Shows a secret at one of the three addresses that take one; says the status and the error. */
    const show = async (
      word: string,
      from: string,
      more: { at?: string; port?: number; id?: string } = {},
    ) => {
      const { at = 'token', port = stage.port, id = 'wiki' } = more
      const authorization = `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}`
      const headers = { host: 'access.example', 'x-forwarded-for': from, authorization }
      const form = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x' }
      const { status, text, headers: answered } = await ask(port, `/oidc/${at}`, { headers, form })
      const error = /"error":"(\w+)"/.exec(text)?.[1] ?? 'none'
      return { said: `${status} ${error}`, wait: answered['retry-after'], text }
    }
    return { ...stage, replica, show }
  }
  const wrong = 'w'.repeat(40)
  const stranger = '198.51.100.7'

  it('are slowed when they are wrong, at all three addresses and on all replicas together', async () => {
    const { show, replica, clock, store, met } = await stageOf()
    const places = ['token', 'revoke', 'introspect'].flatMap((at) => [{ at }, { at, port: replica }])
    for (let n = 0; n < 10; n += 1)
      expect((await show(wrong, stranger, places[n % places.length])).said).toBe('401 invalid_client')
    for (const place of places)
      expect(await show(wrong, stranger, place)).toMatchObject({ said: '429 invalid_client', wait: '15' })
    expect([...met]).toEqual([['client_secret', places.length]])
    // Not even the right one is looked at, or knocking would be guessing.
    const right = await show(wikiSecret, stranger)
    expect(right.said).toBe('429 invalid_client')
    expect(right.text).toContain('too many wrong secrets from there, try again in 15 seconds')
    clock.move(15_000)
    expect((await show(wrong, stranger)).said).toBe('401 invalid_client')
    expect(await show(wrong, stranger)).toMatchObject({ said: '429 invalid_client', wait: '30' })
    const slowed = (await auditTrail(store)).filter(({ kind }) => kind === 'relying_party_slowed')
    expect(slowed).toEqual([{ kind: 'relying_party_slowed', actor: 'unknown', facts: { clientId: 'wiki' } }])
    clock.move(30_000)
    expect((await show(wikiSecret, stranger)).said).toBe('400 invalid_grant')
  })

  it('are counted also when very many come at once', async () => {
    const { show } = await stageOf()
    const all = await Promise.all(Array.from({ length: 30 }, () => show(wrong, stranger)))
    expect(all.filter(({ said }) => said === '401 invalid_client')).toHaveLength(10)
  })

  it('of strangers keep no client out: neither from elsewhere, nor from where it proved its own', async () => {
    const { show, clock } = await stageOf()
    const home = '192.0.2.80'
    for (let n = 0; n < 12; n += 1) await show(wrong, stranger)
    expect((await show(wrong, stranger)).said).toBe('429 invalid_client')
    expect((await show(wrong, stranger, { id: 'nobody' })).said).toBe('401 invalid_client')
    expect((await show(wikiSecret, home)).said).toBe('400 invalid_grant')
    for (const pause of [0, 13, 13, 40]) {
      clock.move(pause * 3_600_000)
      for (let n = 0; n < 12; n += 1) await show(wrong, home)
      expect((await show(wrong, home)).said).toBe('429 invalid_client')
      expect((await show(wikiSecret, home)).said).toBe('400 invalid_grant')
    }
    clock.move(49 * 3_600_000)
    for (let n = 0; n < 12; n += 1) await show(wrong, home)
    expect((await show(wikiSecret, home)).said).toBe('429 invalid_client')
  })
})
