import type { Estate } from '#src/sandbox/estate.ts'
import { databaseUrl, onServer, startPostgres } from '#test/helpers/postgres.ts'
import type { Figure, Row } from './figure.ts'
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
    const rows = [await measure('SQLite', directories, tell)]
    const server = await startPostgres()
    if (server === undefined) return rows
    await using _ended = { [Symbol.asyncDispose]: () => server.stop() }
    await onServer(server.url, 'CREATE DATABASE bench_status')
    rows.push(await measure('PostgreSQL', directories, tell, databaseUrl(server.url, 'bench_status')))
    return rows
  },
}

async function measure(
  engine: string,
  directories: Estate,
  tell: (line: string) => void,
  postgresUrl?: string,
): Promise<Row> {
  await using house = await startLocalHouse(directories, postgresUrl)
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
    tell(`${engine}, round ${round}: ${busy.length} looks, ${ours.toFixed(0)} and ${theirs.toFixed(0)} ms`)
    if (round === 0) continue
    p99s.ours.push(ours)
    p99s.theirs.push(theirs)
  }
  const bound = { kind: 'factor', most } as const
  return { what: `/user-status p99 while batches run, ${engine}`, unit: 'ms', ...p99s, bound }
}

const ask = ({ slack }: LocalHouse, i: number) => asked(slack, address('p', i % known))

/** Asks again and again until the batch that this starts has ended. */
async function whileIt(house: LocalHouse, start: () => Promise<void>): Promise<number[]> {
  const took: number[] = []
  await start()
  do took.push(await ask(house, took.length))
  while (await house.isAtWork())
  return took
}
