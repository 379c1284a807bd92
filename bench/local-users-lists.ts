import { systemClock } from '#src/clock.ts'
import type { Store } from '#db/store.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { confirmImport, tryImport } from '#src/local-users/import.ts'
import { listGroups, listUsers, pageSize, type UserFilter } from '#src/local-users/list.ts'
import { runBatchesJob } from '#src/local-users/run-batches.ts'
import { startEngines } from './databases.ts'
import type { Figure, Row } from './figure.ts'
import { admin, log } from './local-users.ts'
import { percentile } from './numbers.ts'
import { namedPeople } from './people-file.ts'

const many = { users: 10_000, groups: 1_000 }
// As many as a page holds, so that both sides show a full one.
const few = { users: 10, groups: 10 }
type Size = typeof many
const rounds = 5
const looks = 30
const most = 2

/** Lists of ten thousand local users and a thousand groups, beside lists of ten. */
export const localUsersLists: Figure = {
  name: 'local-users-lists',
  about: `pages and searches of ${many.users} local users and ${many.groups} groups, beside those of ten`,
  async run(tell) {
    await using large = await startEngines()
    await using small = await startEngines()
    const rows: Row[] = []
    for (const [i, { name, store }] of large.engines.entries()) {
      const other = small.engines[i]?.store ?? store
      await fill(store, many)
      await fill(other, few)
      for (const list of lists) {
        const p99s = { ours: [] as number[], theirs: [] as number[] }
        const works = await pairsOf(list, store, other)
        // The first round warms up.
        for (let round = 0; round <= rounds; round += 1) {
          const [ours, theirs] = await look(works)
          tell(`${name}, ${list.what}, round ${round}: ${ours.toFixed(2)} and ${theirs.toFixed(2)} ms`)
          if (round === 0) continue
          p99s.ours.push(ours)
          p99s.theirs.push(theirs)
        }
        const bound = list.isBound ? ({ kind: 'factor', most } as const) : undefined
        rows.push({ what: `${list.what} p99, ${name}`, unit: 'ms', ...p99s, bound })
      }
    }
    return rows
  },
}

/** Answers how many rows it shows. */
type Work = () => Promise<number>
type Pair = readonly [ours: Work, theirs: Work]

/** What finds a full page among many is held against what finds one among ten: showing ten rows is most of the work. */
async function pairsOf(list: List, store: Store, other: Store): Promise<readonly Pair[]> {
  const theirs = await list.works(other, few)
  const pairs: Pair[] = []
  for (const [i, ours] of (await list.works(store, many)).entries()) {
    const same = theirs[i] ?? list.all(other)
    const isFuller = (await ours()) === pageSize && (await same()) < pageSize
    pairs.push([ours, isFuller ? list.all(other) : same])
  }
  return pairs
}

interface List {
  readonly what: string
  readonly isBound: boolean
  /** A search that finds all of ten. */
  readonly all: (store: Store) => Work
  /** Its pages and searches; what a button would hold is looked up before. */
  readonly works: (store: Store, size: Size) => Promise<readonly Work[]>
}

type Sort = 'email' | 'newest'

function users(store: Store, filter: UserFilter, sort: Sort = 'email'): Work {
  const deps = { store, clock: systemClock }
  return async () => (await listUsers(deps, admin, filter, { number: 0, sort })).users.length
}

const allUsers = (store: Store): Work => users(store, { text: 'corp.example' })

/** The page to which **Next** leads, or **Back**. The only page of a short list. */
async function step(store: Store, size: Size, number: number, side: 'after' | 'before', sort: Sort) {
  const deps = { store, clock: systemClock }
  if (size.users <= pageSize) return users(store, {}, sort)
  const from = { number: side === 'after' ? number - 1 : number + 1, sort }
  const beside = (await listUsers(deps, admin, {}, from)).users.at(side === 'after' ? -1 : 0)
  const edge = { side, id: beside?.id ?? '' }
  return async () => (await listUsers(deps, admin, {}, { number, sort, edge })).users.length
}

function groups(store: Store, text: string): Work {
  const deps = { store, clock: systemClock }
  return async () => (await listGroups(deps, admin, text, { number: 0 })).groups.length
}

const allGroups = (store: Store): Work => groups(store, 'team')

async function lastGroups(store: Store, size: Size): Promise<Work> {
  const deps = { store, clock: systemClock }
  const number = Math.ceil(size.groups / pageSize) - 1
  if (number === 0) return groups(store, '')
  const before = await listGroups(deps, admin, '', { number: number - 1 })
  const edge = { side: 'after', id: before.groups.at(-1)?.id ?? '' } as const
  return async () => (await listGroups(deps, admin, '', { number, edge })).groups.length
}

const lists: readonly List[] = [
  {
    what: 'pages of users',
    isBound: true,
    all: allUsers,
    works: async (store, size) => {
      const works = [users(store, {}), users(store, {}, 'newest')]
      const pages = size.users / pageSize
      for (const sort of ['email', 'newest'] as const)
        works.push(
          await step(store, size, Math.floor(pages / 2), 'after', sort),
          await step(store, size, pages - 1, 'after', sort),
          await step(store, size, pages - 2, 'before', sort),
        )
      return works
    },
  },
  {
    what: 'searches of users',
    isBound: false,
    all: allUsers,
    works: async (store) => [
      users(store, { text: 'corp.example' }),
      users(store, { text: 'sales' }),
      users(store, { text: 'sales in Oslo' }),
      users(store, { text: 'frieda.weber' }),
      users(store, { text: 'tina.' }),
      users(store, { text: '4711' }),
      users(store, { text: 'nobody is called so' }),
      users(store, { text: 'e' }),
      users(store, { text: 'qx' }),
      users(store, { state: 'enabled' }),
      users(store, { state: 'disabled' }),
      users(store, { enrollment: 'waiting' }, 'newest'),
      users(store, { enrollment: 'enrolled', state: 'enabled' }),
      users(store, { enrollment: 'expired', text: 'p7' }),
    ],
  },
  {
    what: 'pages and searches of groups',
    isBound: false,
    all: allGroups,
    works: async (store, size) => [
      groups(store, ''),
      await lastGroups(store, size),
      groups(store, 'team'),
      groups(store, 'team 7'),
      groups(store, 'none is called so'),
    ],
  },
]

/** Both sides in turns, so that both have the same neighbours on the machine. */
async function look(pairs: readonly Pair[]): Promise<readonly [number, number]> {
  const took = [[] as number[], [] as number[]] as const
  for (let i = 0; i < looks; i += 1)
    for (const pair of pairs)
      for (const [side, work] of pair.entries()) {
        const startedAt = performance.now()
        await work()
        took[side === 0 ? 0 : 1].push(performance.now() - startedAt)
      }
  return [percentile(took[0], 99), percentile(took[1], 99)]
}

async function fill(store: Store, size: Size): Promise<void> {
  const deps = { store, clock: systemClock, findActor: async () => admin }
  const bytes = namedPeople(size.users, size.groups)
  const { id } = await tryImport(deps, admin, { name: 'x', bytes, updateDescriptions: false })
  await confirmImport(deps, admin, id)
  await createRunner({ ...deps, log, kinds: [runBatchesJob(deps)], concurrency: 1 }).runAllDue()
}
