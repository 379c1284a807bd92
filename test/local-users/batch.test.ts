import { eq } from 'drizzle-orm'
import { expect, it, vi } from 'vitest'
import { claimJobs } from '#db/queries/jobs.ts'
import { countOf, takePlaces } from '#db/queries/local-counts.ts'
import { insertSession, sessionsOf } from '#db/queries/local-users-sign-in.ts'
import { localUserIds } from '#db/queries/local-users-search.ts'
import { insertLocalUsers, updateLocalUsers } from '#db/queries/local-users.ts'
import { linesOfStream } from '#db/queries/outbox.ts'
import type { Store } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import {
  cancelBatch,
  pieceSize,
  recentBatches,
  requestBatch,
  runBatchesKind,
  showBatch,
} from '#src/local-users/batch.ts'
import { addUser } from '#src/local-users/add.ts'
import { failuresCsv } from '#src/local-users/export.ts'
import { confirmImport, tryImport } from '#src/local-users/import.ts'
import type { BatchDeps } from '#src/local-users/run-batches.ts'
import { SlackAwayError } from '#src/people/actor.ts'
import { actorWith, auditTrail, lou } from '#test/helpers/local-admin.ts'
import { batchStage, csvOf } from '#test/helpers/local-batches.ts'
import { localUserRow } from '#test/helpers/local-rows.ts'
import { start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof UserError ? error.code : error),
  )

async function people(store: Store, count: number): Promise<void> {
  await store.write(async (ctx) => {
    await takePlaces(ctx, 'users', count, 10_000)
    const ids = Array.from({ length: count }, (_, i) => `p${String(i).padStart(4, '0')}`)
    await insertLocalUsers(
      ctx,
      ids.map((id) => localUserRow(id, { enrolledAt: start })),
    )
  })
}

const inState = async (store: Store, state: 'enabled' | 'disabled') =>
  (await store.read((ctx) => localUserIds(ctx, { state, now: start }))).length

describeOnBothEngines('A batch', (open) => {
  const setUp = async (count: number, more = {}) => {
    const store = await open()
    const stage = batchStage(store, more)
    await people(store, count)
    const all = (typed = String(count)) => ({ kind: 'all', typed }) as const
    const ask = (
      action: 'disable' | 'delete' | 'enable' | 'resend',
      selection: Parameters<typeof requestBatch>[3],
    ) => requestBatch(stage.deps, lou, action, selection)
    return { store, ...stage, all, ask }
  }

  it('does one thing to many accounts, in pieces, and counts what changed', async () => {
    const { store, deps, runner, batch, all, ask } = await setUp(250)
    await store.write((ctx) =>
      insertSession(ctx, { id: 's', userId: 'p0007', kind: 'session', createdAt: start, expiresAt: start }),
    )
    const ticked = await ask('disable', { kind: 'ticked', ids: ['p0001', 'p0001', 'p0002', 'gone'] })
    const everybody = await ask('disable', all())
    expect(await batch(everybody)).toMatchObject({ state: 'queued', total: 250 })
    await runner.runAllDue()
    expect(await batch(ticked)).toMatchObject({ state: 'done', total: 3, done: 3, changed: 2, failed: 1 })
    expect(await batch(everybody)).toMatchObject({
      state: 'done',
      total: 250,
      done: 250,
      changed: 248,
      failed: 0,
    })
    expect(await inState(store, 'disabled')).toBe(250)
    expect(await store.read((ctx) => sessionsOf(ctx, ['p0007']))).toEqual([])
    const trail = await auditTrail(store)
    expect(trail.filter((event) => event.kind === 'local_user_disabled')).toHaveLength(250)
    expect(trail.filter((event) => event.kind === 'batch_finished')).toHaveLength(2)
    const lines = (id: string) => store.read((ctx) => linesOfStream(ctx, `batch:${id}`))
    expect((await lines(everybody)).map((line) => line.message)).toMatchObject([{ kind: 'batch_status' }])
    expect((await lines(ticked)).map((line) => line.lane)).toEqual(['status', 'reply'])
    expect((await recentBatches(deps, lou, 9)).map((one) => one.id)).toEqual([everybody, ticked])
    expect(await failuresCsv(deps, ticked)).toContain('This local user is no longer there.')
  })

  it('takes a search, and only whom it finds at that moment', async () => {
    const { store, deps, runner, batch, ask } = await setUp(5)
    const search = await ask('delete', { kind: 'search', filter: { text: 'p000' }, typed: '5' })
    await addUser(deps, lou, { email: 'p0009@corp.example', description: '' })
    await runner.runAllDue()
    expect(await batch(search)).toMatchObject({ total: 5, changed: 5 })
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(1)
  })

  it('over everybody, or a search, asks for their number', async () => {
    const { deps, all, ask } = await setUp(3)
    expect(await code(ask('delete', all('4')))).toBe('not_confirmed')
    expect(await code(ask('delete', all('')))).toBe('not_confirmed')
    const search = { kind: 'search', filter: { text: 'p0001' } } as const
    await expect(
      ask('delete', { kind: 'search', filter: { text: 'gone' }, typed: '3' }),
    ).rejects.toMatchObject({ code: 'nothing_to_do', field: 'typed' })
    expect(await code(ask('delete', { ...search, typed: '3' }))).toBe('not_confirmed')
    expect(await code(ask('delete', all(' 3 ')))).toBe('no refusal')
    expect(await code(ask('delete', { kind: 'ticked', ids: [] }))).toBe('nothing_to_do')
    expect(await code(requestBatch(deps, actorWith('owner'), 'delete', all('3')))).toBe('not_allowed')
  })

  it('waits for an import that somebody else started, and takes whom its admin saw', async () => {
    const { store, deps, runner, batch, all, ask } = await setUp(3)
    const omar = { ...lou, userId: 'U0OMAR' }
    const { id } = await tryImport(deps, omar, { name: 'x', bytes: csvOf(250), updateDescriptions: false })
    await confirmImport(deps, omar, id)
    await runner.runNext()
    await runner.runNext()
    expect(await code(ask('delete', all('3')))).toBe('not_confirmed')
    const seen = await ask('delete', all(String(pieceSize + 3)))
    await runner.runAllDue()
    expect(await batch(id)).toMatchObject({ state: 'done', changed: 250 })
    expect(await batch(seen)).toMatchObject({ state: 'done', changed: pieceSize + 3, failed: 0 })
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(250 - pieceSize)
  })

  it('waits for those that were asked for before its dry run was confirmed', async () => {
    const { deps, runner, batch, ask } = await setUp(250)
    const file = { name: 'x', bytes: csvOf(1), updateDescriptions: false }
    const { id: imported } = await tryImport(deps, lou, file)
    deps.clock.move(60_000)
    const running = await ask('disable', { kind: 'all', typed: '250' })
    await runner.runNext()
    await runner.runNext()
    deps.clock.move(60_000)
    const waiting = await ask('delete', { kind: 'ticked', ids: ['p0001'] })
    deps.clock.move(60_000)
    await confirmImport(deps, lou, imported)
    await runner.runNext()
    expect(await batch(running)).toMatchObject({ state: 'running', done: 2 * pieceSize })
    expect(await batch(imported)).toMatchObject({ state: 'queued' })
    await runner.runNext()
    await runner.runNext()
    await runner.runNext()
    expect(await batch(running)).toMatchObject({ state: 'done' })
    expect(await batch(waiting)).toMatchObject({ state: 'running' })
    expect(await batch(imported)).toMatchObject({ state: 'queued' })
    await runner.runAllDue()
    expect(await batch(imported)).toMatchObject({ state: 'done', changed: 1 })
    expect((await recentBatches(deps, lou, 9)).map((one) => one.id)).toEqual([imported, waiting, running])
  })

  it('over everybody sends links to those who need one, and the others are no failures', async () => {
    const { store, runner, batch, all, ask } = await setUp(3)
    await store.write((ctx) => updateLocalUsers(ctx, ['p0001'], { enrolledAt: null }))
    const id = await ask('resend', all())
    await runner.runAllDue()
    expect(await batch(id)).toMatchObject({ state: 'done', done: 3, changed: 1, failed: 0 })
  })

  it('tells why rows failed', async () => {
    const { store, runner, batch, all, ask } = await setUp(3)
    await store.write((ctx) => updateLocalUsers(ctx, ['p0001'], { state: 'disabled', heldSince: start }))
    const id = await ask('enable', all())
    await runner.runAllDue()
    expect(await batch(id)).toMatchObject({ done: 3, changed: 0, failed: 1 })
    expect(await inState(store, 'disabled')).toBe(1)
  })

  it('lets people who wait in Slack go first, before each piece', async () => {
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const peopleFirst = async () => {
      asked.resolve()
      await answered.promise
    }
    const { runner, batch, all, ask } = await setUp(3, { peopleFirst })
    const id = await ask('disable', all())
    await runner.runNext()
    const working = runner.runNext()
    await asked.promise
    expect(await batch(id)).toMatchObject({ state: 'running', done: 0 })
    answered.resolve()
    await working
    expect(await batch(id)).toMatchObject({ done: 3 })
  })

  it('is cancelled between two pieces, and the next one goes on', async () => {
    const { store, deps, runner, batch, all, ask } = await setUp(250)
    const first = await ask('disable', all())
    const second = await ask('delete', { kind: 'ticked', ids: ['p0001'] })
    await runner.runNext()
    await runner.runNext()
    expect(await batch(first)).toMatchObject({ state: 'running', done: pieceSize })
    await cancelBatch(deps, lou, first)
    expect(await code(cancelBatch(deps, lou, first))).toBe('stale')
    await runner.runAllDue()
    expect(await batch(first)).toMatchObject({ state: 'cancelled', done: pieceSize, endedBy: 'U0LOU' })
    expect(await batch(second)).toMatchObject({ state: 'done', changed: 1 })
    expect(await inState(store, 'disabled')).toBe(pieceSize - 1)
    expect(await code(cancelBatch(deps, lou, 'gone'))).toBe('not_found')
    expect(await code(showBatch(deps, lou, 'gone'))).toBe('not_found')
  })

  it('changes nothing where whoever asked may no longer ask', async () => {
    const findActor = vi.fn<BatchDeps['findActor']>(async () => actorWith('responder'))
    const { store, runner, batch, all, ask } = await setUp(3, { findActor })
    const id = await ask('delete', all())
    await runner.runAllDue()
    expect(await batch(id)).toMatchObject({ state: 'failed', done: 0, facts: { stopped: 'role_lost' } })
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(3)
    expect(findActor).toHaveBeenCalledExactlyOnceWith('U0LOU', expect.objectContaining({ maxAgeMs: 0 }))
    expect((await auditTrail(store)).at(-1)).toMatchObject({ kind: 'batch_refused', facts: { batchId: id } })
  })

  it('waits while Slack cannot be asked', async () => {
    let isAway = true
    const findActor = async () => {
      if (isAway) throw new SlackAwayError('away', 5_000)
      return lou
    }
    const { deps, runner, batch, all, ask } = await setUp(3, { findActor })
    const id = await ask('delete', all())
    await runner.runAllDue()
    expect(await batch(id)).toMatchObject({ state: 'queued' })
    isAway = false
    deps.clock.move(5_000)
    await runner.runAllDue()
    expect(await batch(id)).toMatchObject({ state: 'done', changed: 3 })
  })

  it('that cannot be worked on is given up, and the next one goes on', async () => {
    const { store, deps, runner, batch, all, ask, log } = await setUp(3)
    const broken = await ask('disable', all())
    const next = await ask('delete', { kind: 'ticked', ids: ['p0001'] })
    await store.write((ctx) =>
      ctx.q
        .update(ctx.t.batchPieces)
        .set({ rows: { not: 'a list' } })
        .where(eq(ctx.t.batchPieces.batchId, broken)),
    )
    for (let i = 0; i < 25; i += 1) {
      await runner.runAllDue()
      deps.clock.move(60 * 60 * 1000)
    }
    expect(await batch(broken)).toMatchObject({ state: 'failed', done: 0, facts: { stopped: 'gave_up' } })
    expect(await batch(next)).toMatchObject({ state: 'done', changed: 1 })
    expect(log.lines.length).toBeGreaterThan(0)
  })

  it('is not given up for its length, however many processes it outlives', async () => {
    const pieces = 21
    const { store, deps, runner, batch, all, ask } = await setUp(pieces * pieceSize)
    const id = await ask('disable', all())
    for (let lost = 0; lost < 25; lost += 1) {
      const now = deps.clock.now()
      const leaseUntil = new Date(now.getTime() + 1)
      await store.write((ctx) => claimJobs(ctx, { now, leaseUntil, limit: 1, kinds: [runBatchesKind] }))
      deps.clock.move(1)
      await runner.runNext()
    }
    expect(await batch(id)).toMatchObject({ state: 'done', changed: pieces * pieceSize })
  })

  it('goes on after its process was lost, without doing a row twice', async () => {
    const { store, deps, batch, ask } = await setUp(0)
    const { id } = await tryImport(deps, lou, { name: 'x', bytes: csvOf(450), updateDescriptions: false })
    await confirmImport(deps, lou, id)
    // Each of these runners is given one step and is never heard of again; some lose their lease while they work.
    for (let i = 0; i < 12; i += 1) {
      const lost = batchStage(store, { clock: deps.clock })
      await Promise.all([lost.runner.runNext(), lost.runner.runNext()])
      deps.clock.move(i % 3 === 0 ? 60_000 : 0)
    }
    expect(await batch(id)).toMatchObject({ state: 'done', total: 450, done: 450, changed: 450, failed: 0 })
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(450)
    const trail = await auditTrail(store)
    expect(trail.filter((event) => event.kind === 'local_user_added')).toHaveLength(450)
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.mails))).toHaveLength(450)
    expect(await code(ask('delete', { kind: 'all', typed: '450' }))).toBe('no refusal')
  })
})
