import { z } from 'zod'
import { insertLine } from '#db/queries/outbox.ts'
import { systemClock } from '#src/clock.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { createLog } from '#src/log.ts'
import { createRelay } from '#src/outbox/relay.ts'
import { type Engine, startEngines } from './databases.ts'
import type { Figure, Row } from './figure.ts'

const pieces = 1_000
const rounds = 5
// As in src/app.ts.
const concurrency = { jobs: 32, lines: 8 }
const graceMs = 30_000
const log = createLog({ level: 'warn' })

/** How many trivial jobs and outbox lines go through per second, beside as many bare transactions. */
export const jobs: Figure = {
  name: 'jobs',
  about: `${pieces} trivial jobs and outbox lines, and ${pieces} bare transactions, per second`,
  async run(tell) {
    await using databases = await startEngines()
    const rows: Row[] = []
    for (const engine of databases.engines) {
      const measured = { jobs: [] as number[], lines: [] as number[], bare: [] as number[] }
      // The first round warms up.
      for (let round = 0; round <= rounds; round += 1) {
        const one = {
          jobs: await perSecond(() => runJobs(engine)),
          lines: await perSecond(() => relayLines(engine)),
          bare: await perSecond(() => writeBare(engine, round)),
        }
        tell(`${engine.name}, round ${round}: ${Object.values(one).map(Math.round).join(', ')}`)
        if (round === 0) continue
        measured.jobs.push(one.jobs)
        measured.lines.push(one.lines)
        measured.bare.push(one.bare)
      }
      const { name } = engine
      rows.push(
        { what: `jobs, ${name}`, unit: '/s', ours: measured.jobs, theirs: measured.bare },
        { what: `outbox lines, ${name}`, unit: '/s', ours: measured.lines, theirs: measured.bare },
      )
    }
    return rows
  },
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return pieces / ((performance.now() - startedAt) / 1_000)
}

async function writeBare(engine: Engine, round: number): Promise<void> {
  for (let index = 0; index < pieces; index += 1) await engine.bareWrite(round * pieces + index)
}

/** Makes the jobs in one transaction and runs them; over when the last one is settled. */
async function runJobs({ store }: Engine): Promise<void> {
  const all = countdown()
  const runner = createRunner({
    store,
    clock: systemClock,
    log,
    concurrency: concurrency.jobs,
    kinds: [
      {
        kind: 'trivial',
        payload: z.unknown(),
        maxAttempts: 1,
        run: async () => {
          all.one()
          return { kind: 'completed' }
        },
        givenUp: async () => {},
      },
    ],
  })
  await store.write(async (ctx) => {
    for (let index = 0; index < pieces; index += 1)
      await enqueue(ctx, systemClock, { kind: 'trivial', payload: { index } })
  })
  await runner.start()
  await all.done
  await runner.stop(graceMs)
}

/** Adds the lines in one transaction, each in a stream of its own, and delivers them to nobody. */
async function relayLines({ store }: Engine): Promise<void> {
  const all = countdown()
  const relay = createRelay({
    store,
    clock: systemClock,
    log,
    concurrency: concurrency.lines,
    message: z.unknown(),
    limitsOf: () => ({ pauseKeys: [] }),
    deliver: async () => {
      all.one()
      return { kind: 'sent' }
    },
    onDead: async () => {},
  })
  await store.write(async (ctx) => {
    for (let index = 0; index < pieces; index += 1)
      await insertLine(ctx, { stream: `s${index}`, lane: 'direct', message: {}, now: systemClock.now() })
  })
  await relay.start()
  await all.done
  await relay.stop(graceMs)
}

function countdown(): { readonly one: () => void; readonly done: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = pieces
  return {
    one: () => {
      left -= 1
      if (left === 0) resolve()
    },
    done: promise,
  }
}
