import { parse } from 'csv-parse'
import { eq } from 'drizzle-orm'
import { endSessions } from '#db/queries/local-users-sign-in.ts'
import type { ReadContext, Store, WriteContext } from '#db/store.ts'
import { systemClock } from '#src/clock.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { requestBatch } from '#src/local-users/batch.ts'
import type { UserAction } from '#src/local-users/change.ts'
import { confirmImport, tryImport } from '#src/local-users/import.ts'
import { runBatchesJob } from '#src/local-users/run-batches.ts'
import { cast } from '#src/sandbox/stage.ts'
import { createLog } from '#src/log.ts'
import type { Actor } from '#src/people/actor.ts'
import { startEngines } from './databases.ts'
import type { Figure, Row } from './figure.ts'
import { median } from './numbers.ts'

const people = 10_000
const rounds = 3
/** Says only what went wrong. */
export const log = createLog({ level: 'warn' })
/** Who manages the local users. */
export const admin: Actor = {
  ...{ userId: cast.owner, teamId: 'T1', enterpriseId: undefined, name: 'Olga' },
  ...{ email: undefined, tz: undefined, roles: new Set(['local_user_admin'] as const) },
}
/** A file of so many people, spread over so many groups. */
export function fileOf(count: number, groups: number): Buffer {
  const lines = Array.from(
    { length: count },
    (_, i) => `p${i}@corp.example,person number ${i},team ${i % groups}`,
  )
  return Buffer.from(['email,description,groups', ...lines].join('\r\n'))
}

const file = fileOf(people, 50)

type Sides = { readonly ours: number[]; readonly theirs: number[] }
const works = ['dryRun', 'import', 'disable', 'delete'] as const
type Work = (typeof works)[number]

const shown: { readonly [work in Work]: { readonly what: string; readonly most: number } } = {
  dryRun: { what: 'dry run of 10,000', most: 3 },
  import: { what: 'import of 10,000', most: 8 },
  disable: { what: 'disable of 10,000', most: 3 },
  delete: { what: 'delete of 10,000', most: 3 },
}

/** Ten thousand local users from dry run to delete, beside csv-parse alone and the same statements bare. */
export const localUsers: Figure = {
  name: 'local-users',
  about: `${people} local users: dry run, import, disable and delete, beside csv-parse and the same statements bare`,
  async run(tell) {
    await using databases = await startEngines()
    const rows: Row[] = []
    for (const { name, store } of databases.engines) {
      const measured: { readonly [work in Work]: Sides } = {
        dryRun: { ours: [], theirs: [] },
        import: { ours: [], theirs: [] },
        disable: { ours: [], theirs: [] },
        delete: { ours: [], theirs: [] },
      }
      // The first round warms up.
      for (let round = 0; round <= rounds; round += 1) {
        const one = await measure(store)
        tell(
          `${name}, round ${round}: ${works.map((work) => one[work].map(Math.round).join(' / ')).join(', ')}`,
        )
        if (round === 0) continue
        for (const work of works) {
          measured[work].ours.push(one[work][0])
          measured[work].theirs.push(one[work][1])
        }
      }
      for (const work of works) {
        const { what, most } = shown[work]
        const bound = { kind: 'factor', most } as const
        rows.push({ what: `${what}, ${name}`, unit: 'ms', ...measured[work], bound })
      }
    }
    return rows
  },
}

type Pair = readonly [ours: number, theirs: number]

async function measure(store: Store): Promise<{ readonly [work in Work]: Pair }> {
  const deps = { store, clock: systemClock, findActor: async () => admin }
  const runner = createRunner({ ...deps, log, kinds: [runBatchesJob(deps)], concurrency: 1 })
  const many = async (action: UserAction) => {
    await requestBatch(deps, admin, action, { kind: 'all', typed: String(people) })
    await runner.runAllDue()
  }
  const tries: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] }
  // Both take so little that one collection of garbage would be all that is seen.
  for (let i = 0; i < 5; i += 1) {
    tries.theirs.push(await ms(parseAlone))
    tries.ours.push(await ms(() => dryRun(store)))
  }
  const [draft] = await store.read((ctx) =>
    ctx.q.select().from(ctx.t.batches).where(eq(ctx.t.batches.state, 'draft')),
  )
  await confirmImport(deps, admin, draft?.id ?? '')
  const imported = await ms(() => runner.runAllDue())
  await store.write((ctx) => ctx.q.update(ctx.t.localUsers).set({ enrolledAt: new Date(0) }))
  const disabled = await ms(() => many('disable'))
  const copy = await copyOf(store)
  const deleted = await ms(() => many('delete'))
  await store.write((ctx) => ctx.q.delete(ctx.t.auditEvents))
  const bare = {
    imported: await ms(() => store.write((ctx) => insertAll(ctx, copy))),
    disabled: await ms(() => store.write((ctx) => disableAll(ctx, copy))),
    deleted: await ms(() => store.write((ctx) => deleteAll(ctx, copy))),
  }
  await store.write(async (ctx) => {
    for (const table of ['auditEvents', 'batches', 'outbox', 'jobs'] as const)
      await ctx.q.delete(ctx.t[table])
  })
  return {
    dryRun: [median(tries.ours), median(tries.theirs)],
    import: [imported, bare.imported],
    disable: [disabled, bare.disabled],
    delete: [deleted, bare.deleted],
  }
}

async function ms(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

async function parseAlone(): Promise<void> {
  const parser = parse({ info: true })
  parser.end(file)
  let count = 0
  for await (const _ of parser) count += 1
  if (count !== people + 1) throw new Error(`csv-parse read ${count} records`)
}

async function dryRun(store: Store): Promise<void> {
  await tryImport({ store, clock: systemClock }, admin, { name: 'x', bytes: file, updateDescriptions: false })
}

type Copy = Awaited<ReturnType<typeof copyOf>>

async function copyOf(store: Store) {
  return await store.read(async ({ q, t }) => ({
    users: await q.select().from(t.localUsers),
    groups: await q.select().from(t.localGroups),
    members: await q.select().from(t.localMembers),
    mails: await q.select().from(t.mails),
    events: await q.select(newColumns(t.auditEvents)).from(t.auditEvents).limit(people),
  }))
}

/** Without the id, which the database counts up. */
function newColumns({ at, kind, actor, taskId, facts }: ReadContext['t']['auditEvents']) {
  return { at, kind, actor, taskId, facts }
}

async function insertAll({ q, t }: WriteContext, copy: Copy): Promise<void> {
  await q.delete(t.localGroups)
  await q.insert(t.localGroups).values(copy.groups)
  for (let i = 0; i < people; i += 500) {
    await q.insert(t.localUsers).values(copy.users.slice(i, i + 500))
    await q.insert(t.localMembers).values(copy.members.slice(i, i + 500))
    await q.insert(t.mails).values(copy.mails.slice(i, i + 500))
    await q.insert(t.auditEvents).values(copy.events.slice(i, i + 500))
  }
}

async function disableAll(ctx: WriteContext, { users }: Copy): Promise<void> {
  const { q, t } = ctx
  for (const { id, email } of users) {
    await endSessions(ctx, [id])
    await q.update(t.localUsers).set({ state: 'disabled' }).where(eq(t.localUsers.id, id))
    await q.insert(t.auditEvents).values(eventOf(id, email))
  }
}

async function deleteAll(ctx: WriteContext, { users }: Copy): Promise<void> {
  const { q, t } = ctx
  for (const { id, email } of users) {
    await endSessions(ctx, [id])
    await q.delete(t.localMembers).where(eq(t.localMembers.userId, id))
    await q.delete(t.localPasswords).where(eq(t.localPasswords.userId, id))
    await q.delete(t.mails).where(eq(t.mails.userId, id))
    await q.delete(t.localUsers).where(eq(t.localUsers.id, id))
    await q.insert(t.auditEvents).values(eventOf(id, email))
  }
}

function eventOf(userId: string, email: string) {
  return {
    at: new Date(),
    kind: 'local_user_changed',
    actor: cast.owner,
    taskId: null,
    facts: { userId, email },
  }
}
