import { claimJobs, extendLease, type JobRow, type Lanes, releaseAllLeases } from '#db/queries/jobs.ts'
import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { JobKind } from '#src/jobs/job.ts'
import { defaultLeaseMs } from '#src/jobs/lease.ts'
import { createLoop, type Loop } from '#src/jobs/loop.ts'
import { type OnUnreadable, runJob } from '#src/jobs/run.ts'
import type { Log } from '#src/log.ts'

/** What the runner works with. */
export interface RunnerDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Jobs of other kinds are left to replicas that know them. */
  readonly kinds: readonly JobKind[]
  /** How many jobs without a lane of their own run at the same time in this process. */
  readonly concurrency: number
  /** Work that has places of its own: however long it takes, it takes nobody else's. */
  readonly lanes?: readonly Lane[] | undefined
  readonly leaseMs?: number | undefined
  readonly onUnreadable?: OnUnreadable | undefined
}

/** Work that waits for one slow party, e.g. one IAM system. */
export interface Lane {
  readonly name: string
  /** How many of its jobs run at the same time in this process. */
  readonly concurrency: number
}

/** Runs durable jobs. */
export interface Runner {
  /** By hand: runs the job that is due first; false when none is. */
  runNext(): Promise<boolean>
  /** By hand: runs what is due until nothing is, and returns how many runs that were. */
  runAllDue(): Promise<number>
  /** Runs jobs as they become due: at once after a commit of this process, otherwise within a second. */
  start(): Promise<void>
  /** Begins nothing more, lets running jobs end within the grace, then aborts them and gives them back. */
  stop(graceMs: number): Promise<void>
}

/** Runs durable jobs under leases. A run that lost its lease changes nothing. */
export function createRunner(deps: RunnerDeps): Runner {
  const { store, clock, log, concurrency, leaseMs = defaultLeaseMs, lanes = [] } = deps
  const kinds = new Map(deps.kinds.map((kind) => [kind.kind, kind]))
  const claim = async (limit: number, from: Lanes) => {
    const now = clock.now()
    const leaseUntil = new Date(now.getTime() + leaseMs)
    const wanted = { now, leaseUntil, limit, kinds: [...kinds.keys()], lanes: from }
    return { pieces: await store.write((ctx) => claimJobs(ctx, wanted), { isolation: 'read committed' }) }
  }
  const loopOver = (from: Lanes, places: number): Loop =>
    createLoop<JobRow>({
      log,
      concurrency: places,
      claim: (limit) => claim(limit, from),
      work: (job, stopped) =>
        runJob({
          ...deps,
          job,
          kind: kinds.get(job.kind),
          lease: {
            clock,
            log,
            leaseMs,
            stopped,
            extend: (until) =>
              store.write((ctx) => extendLease(ctx, job, until), { isolation: 'read committed' }),
          },
        }),
    })
  const byHand = loopOver('all', concurrency)
  const loops = [
    loopOver({ allBut: lanes.map((lane) => lane.name) }, concurrency),
    ...lanes.map((lane) => loopOver({ only: lane.name }, lane.concurrency)),
  ]
  const wake = () => {
    for (const loop of loops) loop.wake()
  }
  let unsubscribe = (): void => {}
  return {
    runNext: () => byHand.step(),
    runAllDue: () => byHand.drain(),
    async start() {
      if (store.workAlone()) await store.write((ctx) => releaseAllLeases(ctx, clock.now()))
      unsubscribe = store.onCommit('jobs', wake)
      for (const loop of loops) loop.start()
    },
    async stop(graceMs) {
      unsubscribe()
      await Promise.all([byHand, ...loops].map((loop) => loop.stop(graceMs)))
    },
  }
}
