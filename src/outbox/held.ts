import { pause, takeSlot } from '#db/queries/pauses.ts'
import type { WriteContext } from '#db/store.ts'
import type { Limits } from '#src/outbox/relay.ts'

// Whoever was told to wait has used up what may come at once; from then on calls come one after the other for a while.
const slowForMs = 60_000
const slowEveryMs = 1_100

/** Nobody calls under these keys before `until`, in no replica, and afterwards one line at a time for a minute. */
export async function holdUp(ctx: WriteContext, keys: readonly string[], until: Date): Promise<void> {
  const slowUntil = new Date(until.getTime() + slowForMs)
  // Sorted, so that two replicas that pause the same keys don't wait for each other.
  for (const key of keys.flatMap((one) => [one, slow(one)]).toSorted())
    await pause(ctx, key, key.endsWith(slowMark) ? slowUntil : until)
}

/** The time until which a line has to wait; undefined when it may go, in which case it has taken its turn. */
export async function whileHeld(
  ctx: WriteContext,
  { pauseKeys, pace }: Limits,
  pauses: ReadonlyMap<string, Date>,
  now: Date,
): Promise<Date | undefined> {
  const slowed = pauseKeys.filter((key) => pauses.has(slow(key)))
  const paces = [
    ...(pace === undefined ? [] : [pace]),
    ...slowed.map((key) => ({ key: `${slow(key)}:turn`, intervalMs: slowEveryMs })),
  ]
  const holding = [...pauseKeys, ...paces.map(({ key }) => key)].map((key) => pauses.get(key)?.getTime() ?? 0)
  const latest = Math.max(0, ...holding)
  if (latest > 0) return new Date(latest)
  for (const { key, intervalMs } of paces)
    if (!(await takeSlot(ctx, key, now, intervalMs))) return new Date(now.getTime() + intervalMs)
  return undefined
}

const slowMark = ':slow'

function slow(key: string): string {
  return `${key}${slowMark}`
}
