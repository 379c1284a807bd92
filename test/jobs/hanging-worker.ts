import { openStore } from '#db/store.ts'
import { systemClock } from '#src/clock.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { z } from 'zod'

// A process that takes a job, says so and never ends it. Killed by the test that started it.
const [url = ''] = process.argv.slice(2)
const store = await openStore(url)
const runner = createRunner({
  store,
  clock: systemClock,
  log: createKeptLog(),
  concurrency: 1,
  leaseMs: 60_000,
  kinds: [
    {
      kind: 'work',
      payload: z.object({ n: z.number() }),
      maxAttempts: 5,
      run: () => {
        process.stdout.write('has the job\n')
        return new Promise(() => {})
      },
      givenUp: async () => {},
    },
  ],
})
await runner.start()
