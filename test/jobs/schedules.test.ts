import { expect, it, onTestFinished } from 'vitest'
import { unfinishedJobs } from '#db/queries/jobs.ts'
import { createSchedules } from '#src/jobs/schedules.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const daily = [
  { kind: 'clean_up', payload: {}, pattern: '0 3 * * *' },
  { kind: 'check', payload: { all: true }, pattern: '30 4 * * 1' },
]

describeOnBothEngines('Schedules', (open, databases) => {
  it('ask for a job once, however many replicas tick and however often', async () => {
    const url = await databases.newUrl()
    const [one, other] = [await databases.openUrl(url), await databases.openUrl(url)]
    const deps = { clock: createMovedClock(), log: createKeptLog(), schedules: daily }
    const both = [createSchedules({ ...deps, store: one }), createSchedules({ ...deps, store: other })]
    await Promise.all([...both, ...both].map((schedules) => schedules.tick()))
    const jobs = await one.read(async (ctx) => [
      ...(await unfinishedJobs(ctx, 'clean_up')),
      ...(await unfinishedJobs(ctx, 'check')),
    ])
    expect(jobs).toMatchObject([{ payload: {} }, { payload: { all: true } }])
  })

  it('ask at once when they start, since a time may have been missed', async () => {
    const store = await open()
    const schedules = createSchedules({
      store,
      clock: createMovedClock(),
      log: createKeptLog(),
      schedules: daily,
    })
    await schedules.start()
    onTestFinished(() => schedules.stop())
    expect(await store.read((ctx) => unfinishedJobs(ctx, 'clean_up'))).toHaveLength(1)
  })

  it('ask when the time has come', async () => {
    const store = await open()
    const everySecond = [{ kind: 'often', payload: {}, pattern: '* * * * * *' }]
    const schedules = createSchedules({
      store,
      clock: createMovedClock(),
      log: createKeptLog(),
      schedules: everySecond,
    })
    await schedules.start()
    onTestFinished(() => schedules.stop())
    await store.write((ctx) => ctx.q.delete(ctx.t.jobs))
    await expect.poll(() => store.read((ctx) => unfinishedJobs(ctx, 'often'))).toHaveLength(1)
  })
})
