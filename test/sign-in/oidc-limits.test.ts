import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { openStore } from '#db/store.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { createSchedules } from '#src/jobs/schedules.ts'
import { forgetOverJob, forgettingSchedules } from '#src/retention.ts'
import { mostUnfinished } from '#src/sign-in/oidc/adapter.ts'
import { idOf, startOpenIdStage } from '#test/helpers/openid.ts'

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
  await stage.store.write((ctx) => ctx.q.update(ctx.t.oidcRecords).set({ source: 'elsewhere' }))
  expect((await stranger.visit((await party.request()).path)).status).toBe(303)
})

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
  const { store, clock, log } = stage
  const hourly = forgettingSchedules.filter(({ pattern }) => pattern.endsWith(' * * * *'))
  const kinds = [forgetOverJob({ store, clock })]
  const runner = createRunner({ store, clock, log, kinds, concurrency: 1 })
  const forget = async () => {
    await createSchedules({ store, clock, log, schedules: hourly }).tick()
    await runner.runAllDue()
  }
  await forget()
  expect(await left()).toEqual(expect.arrayContaining(['Interaction nobody', 'Session nobody']))
  // The provider has a clock of its own, so an hour and a bit.
  clock.move(3_700_000)
  await forget()
  expect(await left()).toEqual(['Grant', 'RefreshToken', 'Session'].map((kind) => `${kind} ${idOf('ann')}`))
})
