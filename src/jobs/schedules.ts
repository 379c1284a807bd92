import { schedule as plan } from 'node-cron'
import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { enqueue } from '#src/jobs/enqueue.ts'
import type { Log } from '#src/log.ts'

/** A job that is wanted again and again. One that is asked for twice does no harm. */
export interface Schedule {
  readonly kind: string
  readonly payload: unknown
  /** When, as a cron pattern in UTC, e.g. `0 3 * * *`. */
  readonly pattern: string
}

/** What schedules work with. */
export interface SchedulesDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly schedules: readonly Schedule[]
}

/** Asks for jobs on time. */
export interface Schedules {
  /** By hand: asks for all of them now. One that is asked for and not finished is not doubled, by no replica. */
  tick(): Promise<void>
  /** Asks for all at once, since a time may have been missed while nobody ran, and then on time. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Schedules ask for jobs and do nothing else: each replica may ask, the job is there once. */
export function createSchedules(deps: SchedulesDeps): Schedules {
  const { store, clock, log, schedules } = deps
  const ask = async ({ kind, payload }: Schedule): Promise<void> => {
    await store.write((ctx) => enqueue(ctx, clock, { kind, payload, dedupeKey: `schedule:${kind}` }))
  }
  const askOrLog = (schedule: Schedule): Promise<void> =>
    ask(schedule).catch((error: unknown) =>
      log.error(
        { err: error, kind: schedule.kind },
        'a scheduled job could not be asked for; it comes at its next time',
      ),
    )
  let planned: readonly ReturnType<typeof plan>[] = []
  const tick = async (): Promise<void> => {
    for (const schedule of schedules) await ask(schedule)
  }
  return {
    tick,
    async start() {
      await tick()
      planned = schedules.map((one) =>
        plan(one.pattern, () => askOrLog(one), {
          timezone: 'Etc/UTC',
          noOverlap: true,
          suppressMissedWarning: true,
        }),
      )
    },
    async stop() {
      for (const one of planned) await one.destroy()
      planned = []
    },
  }
}
