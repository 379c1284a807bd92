import type { Figure } from './figure.ts'
import { address, manyPeople, startBenchDirectories } from './house.ts'
import { type LocalHouse, startLocalHouse } from './local-users-house.ts'
import { fileOf } from './local-users.ts'
import { asked } from './look-up.ts'
import { percentile } from './numbers.ts'

const people = 10_000
const known = 40
const rounds = 3
const most = 3

/** How long `/user-status` takes while batches over ten thousand local users run, beside how long it takes without. */
export const localUsersStatus: Figure = {
  name: 'local-users-status',
  about: `/user-status to its answer while ${people} local users are imported, sent new links and deleted, and while nothing is, p99`,
  async run(tell) {
    await using directories = await startBenchDirectories({
      people: manyPeople('p', known),
      withSamba: false,
    })
    await using house = await startLocalHouse(directories)
    const p99s = { ours: [] as number[], theirs: [] as number[] }
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const busy = [
        ...(await whileIt(house, () => house.startImport(fileOf(people, 50)))),
        ...(await whileIt(house, () => house.startAll('resend', people))),
        ...(await whileIt(house, () => house.startAll('delete', people))),
      ]
      const idle: number[] = []
      while (idle.length < busy.length) idle.push(await ask(house, idle.length))
      const [ours, theirs] = [percentile(busy, 99), percentile(idle, 99)]
      tell(`round ${round}: ${busy.length} looks, ${ours.toFixed(0)} and ${theirs.toFixed(0)} ms`)
      if (round === 0) continue
      p99s.ours.push(ours)
      p99s.theirs.push(theirs)
    }
    return [
      { what: '/user-status p99 while batches run', unit: 'ms', ...p99s, bound: { kind: 'factor', most } },
    ]
  },
}

const ask = ({ slack }: LocalHouse, i: number) => asked(slack, address('p', i % known))

/** Asks again and again until the batch that this starts has ended. */
async function whileIt(house: LocalHouse, start: () => Promise<void>): Promise<number[]> {
  const took: number[] = []
  await start()
  do took.push(await ask(house, took.length))
  while (house.isAtWork())
  return took
}
