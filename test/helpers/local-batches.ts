import type { Store } from '#db/store.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { batchFrom } from '#src/local-users/batch.ts'
import { findBatch } from '#db/queries/batches.ts'
import { type BatchDeps, runBatchesJob } from '#src/local-users/run-batches.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { localUserDeps, lou } from '#test/helpers/local-admin.ts'
import type { MovedClock } from '#test/helpers/moved-clock.ts'

/** Batches on a store, worked on by hand. */
export function batchStage(store: Store, more: Partial<BatchDeps> & { readonly clock?: MovedClock } = {}) {
  const deps = {
    ...localUserDeps(store),
    findActor: async () => lou,
    ...more,
  }
  const log = createKeptLog()
  const runner = createRunner({ store, clock: deps.clock, log, kinds: [runBatchesJob(deps)], concurrency: 1 })
  const batch = async (id: string) => {
    const row = await store.read((ctx) => findBatch(ctx, id))
    if (row === undefined) throw new Error('There is no such batch')
    return batchFrom(row)
  }
  return { deps, runner, batch, log }
}

/** A file of so many people, with a header. */
export function csvOf(count: number, more: readonly string[] = []): Buffer {
  const lines = Array.from({ length: count }, (_, i) => `p${i}@corp.example,person ${i},`)
  return Buffer.from(['email,description,groups', ...lines, ...more].join('\n'))
}
