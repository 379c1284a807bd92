import { setTimeout as wait } from 'node:timers/promises'
import type { Estate } from '#src/sandbox/estate.ts'
import { cast } from '#src/sandbox/stage.ts'
import { databaseUrl, onServer, startPostgres } from '#test/helpers/postgres.ts'
import type { Figure, Row } from './figure.ts'
import { startBenchDirectories } from './house.ts'
import { type LocalHouse, startLocalHouse } from './local-users-house.ts'
import { percentile } from './numbers.ts'
import { namedPeople } from './people-file.ts'

const many = { users: 10_000, groups: 1_000 }
const few = { users: 10, groups: 10 }
const rounds = 5
const looks = 20
const most = 2

/** What an admin waits for in the windows with long lists, from the click to the window, beside short lists. */
export const localUsersWindows: Figure = {
  name: 'local-users-windows',
  about: `windows that list ${many.users} local users and ${many.groups} groups, paged and searched, beside those that list ten, p99`,
  async run(tell) {
    await using directories = await startBenchDirectories({ people: [], withSamba: false })
    const rows = [await measure('SQLite', directories, tell)]
    const server = await startPostgres()
    if (server === undefined) return rows
    await using _ended = { [Symbol.asyncDispose]: () => server.stop() }
    const urls = ['bench_many', 'bench_few'].map((name) => databaseUrl(server.url, name))
    for (const name of ['bench_many', 'bench_few']) await onServer(server.url, `CREATE DATABASE ${name}`)
    rows.push(await measure('PostgreSQL', directories, tell, urls))
    return rows
  },
}

async function measure(
  engine: string,
  directories: Estate,
  tell: (line: string) => void,
  [manyUrl, fewUrl]: readonly string[] = [],
): Promise<Row> {
  await using large = await startLocalHouse(directories, manyUrl)
  await using small = await startLocalHouse(directories, fewUrl)
  await fill(large, many)
  await fill(small, few)
  const p99s = { ours: [] as number[], theirs: [] as number[] }
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const [ours, theirs] = [await p99(large), await p99(small)]
    tell(`${engine}, round ${round}: ${ours.toFixed(0)} and ${theirs.toFixed(0)} ms`)
    if (round === 0) continue
    p99s.ours.push(ours)
    p99s.theirs.push(theirs)
  }
  const bound = { kind: 'factor', most } as const
  return { what: `windows with lists p99, ${engine}`, unit: 'ms', ...p99s, bound }
}

async function fill(house: LocalHouse, { users, groups }: typeof many): Promise<void> {
  await house.startImport(namedPeople(users, groups))
  while (await house.isAtWork()) await wait(50)
}

const searches = ['corp.example', 'sales in Oslo', 'frieda.weber', '4711', 'nobody is called so', 'e', '']

async function p99({ slack }: LocalHouse): Promise<number> {
  const olga = slack.as(cast.owner)
  const took: number[] = []
  const timed = async (act: () => Promise<unknown>) => {
    const before = slack.callsOf('views.update').length
    const startedAt = performance.now()
    await act()
    await slack.waitUntil(() => slack.callsOf('views.update').length > before, {
      what: 'the window',
      timeoutMs: 30_000,
    })
    took.push(performance.now() - startedAt)
  }
  const window = () => {
    const top = olga.modals().at(-1)
    if (top === undefined) throw new Error('there is no window')
    return top
  }
  for (let i = 0; i < looks; i += 1)
    for (const [command, texts] of [
      ['/local-users', searches],
      ['/local-groups', ['team', 'team 7', 'none is called so', '']],
    ] as const) {
      await timed(() => olga.command(cast.channel, command))
      for (const text of texts) {
        await window().fill('search', text)
        await timed(() => window().enter('search'))
      }
      for (const step of ['Next', 'Next', 'Back'])
        if (window().read().includes(`[${step}]`)) await timed(() => window().press(step))
      await window().close('all')
    }
  return percentile(took, 99)
}
