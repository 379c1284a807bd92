import { systemClock } from '#src/clock.ts'
import type { Store } from '#db/store.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { confirmImport, tryImport } from '#src/local-users/import.ts'
import { listGroups, listUsers, pageSize, type UserFilter } from '#src/local-users/list.ts'
import { runBatchesJob } from '#src/local-users/run-batches.ts'
import { startEngines } from './databases.ts'
import type { Figure, Row } from './figure.ts'
import { admin, fileOf, log } from './local-users.ts'
import { percentile } from './numbers.ts'

const many = { users: 10_000, groups: 1_000 }
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
        // The first round warms up.
        for (let round = 0; round <= rounds; round += 1) {
          const [ours, theirs] = [await look(list, store, many), await look(list, other, few)]
          tell(`${name}, ${list.what}, round ${round}: ${ours.toFixed(2)} and ${theirs.toFixed(2)} ms`)
          if (round === 0) continue
          p99s.ours.push(ours)
          p99s.theirs.push(theirs)
        }
        rows.push({ what: `${list.what} p99, ${name}`, unit: 'ms', ...p99s, bound: { kind: 'factor', most } })
      }
    }
    return rows
  },
}

interface List {
  readonly what: string
  /** One look at each of its pages and searches. */
  readonly works: (store: Store, size: Size) => readonly (() => Promise<unknown>)[]
}

function users(store: Store, filter: UserFilter, number: number, sort: 'email' | 'newest' = 'email') {
  return () => listUsers({ store, clock: systemClock }, admin, filter, { number, sort })
}

function groups(store: Store, text: string, number: number) {
  return () => listGroups({ store, clock: systemClock }, admin, text, { number })
}

const lists: readonly List[] = [
  {
    what: 'pages of users',
    works: (store, size) =>
      [0, 0.5, 1].flatMap((part) => {
        const number = Math.floor((part * (size.users - 1)) / pageSize)
        return [users(store, {}, number), users(store, {}, number, 'newest')]
      }),
  },
  {
    what: 'searches of users',
    works: (store) => [
      users(store, { text: 'person number 7' }, 0),
      users(store, { text: 'corp.example' }, 0),
      users(store, { text: 'nobody is called so' }, 0),
      users(store, { state: 'enabled' }, 0),
      users(store, { enrollment: 'waiting' }, 0),
      users(store, { enrollment: 'expired', text: 'p7' }, 0),
    ],
  },
  {
    what: 'pages and searches of groups',
    works: (store, size) => [
      groups(store, '', 0),
      groups(store, '', Math.floor((size.groups - 1) / pageSize)),
      groups(store, 'team 7', 0),
      groups(store, 'none is called so', 0),
    ],
  },
]

async function look(list: List, store: Store, size: Size): Promise<number> {
  const took: number[] = []
  for (let i = 0; i < looks; i += 1)
    for (const work of list.works(store, size)) {
      const startedAt = performance.now()
      await work()
      took.push(performance.now() - startedAt)
    }
  return percentile(took, 99)
}

async function fill(store: Store, size: Size): Promise<void> {
  const deps = { store, clock: systemClock, findActor: async () => admin }
  const bytes = fileOf(size.users, size.groups)
  const { id } = await tryImport(deps, admin, { name: 'x', bytes, updateDescriptions: false })
  await confirmImport(deps, admin, id)
  await createRunner({ ...deps, log, kinds: [runBatchesJob(deps)], concurrency: 1 }).runAllDue()
}
