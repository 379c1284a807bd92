import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { countOf } from '#db/queries/local-counts.ts'
import { findBatch } from '#db/queries/batches.ts'
import type { Store } from '#db/store.ts'
import { systemClock } from '#src/clock.ts'
import { requestBatch } from '#src/local-users/batch.ts'
import { confirmImport, tryImport } from '#src/local-users/import.ts'
import { auditTrail, lou } from '#test/helpers/local-admin.ts'
import { csvOf } from '#test/helpers/local-batches.ts'
import { startSmtp } from '#test/helpers/smtp.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const rows = 2_000

describeOnBothEngines('Killed at random moments', (_, databases) => {
  const start = async () => {
    const url = await databases.newUrl()
    const store = await databases.openUrl(url)
    const smtp = await startSmtp()
    onTestFinished(() => smtp[Symbol.asyncDispose]())
    /** Starts processes one after the other and kills each, until the batch has ended. */
    const storm = async (id: string) => {
      const isOver = async () => (await store.read((ctx) => findBatch(ctx, id)))?.state === 'done'
      let kills = 0
      for (; !(await isOver()) && kills < 200; kills += 1) {
        const worker = work(url, smtp.url)
        await once(worker.stdout, 'data')
        await wait(Math.random() * 250)
        worker.kill('SIGKILL')
        await once(worker, 'exit')
      }
      return kills
    }
    return { url, store, smtp, storm }
  }

  it('an import makes every account once, and each has its mail', { timeout: 120_000 }, async () => {
    const { url, store, smtp, storm } = await start()
    const deps = { store, clock: systemClock }
    const file = { name: 'people.csv', bytes: csvOf(rows), updateDescriptions: false }
    const { id } = await tryImport(deps, lou, file)
    await confirmImport(deps, lou, id)
    expect(await storm(id)).toBeGreaterThan(0)
    const last = work(url, smtp.url)
    onTestFinished(() => void last.kill('SIGKILL'))
    // What a killed process held comes free two minutes later: nobody waits for that here.
    await store.write((ctx) => ctx.q.update(ctx.t.mails).set({ notBefore: new Date(0) }))
    await vi.waitFor(async () => expect(await mailsLeft(store)).toBe(0), { timeout: 60_000, interval: 200 })
    expect(await store.read((ctx) => findBatch(ctx, id))).toMatchObject({
      state: 'done',
      ...{ total: rows, done: rows, changed: rows, failed: 0 },
    })
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(rows)
    expect(
      await store.read((ctx) => ctx.q.select({ id: ctx.t.localUsers.id }).from(ctx.t.localUsers)),
    ).toHaveLength(rows)
    const trail = await auditTrail(store)
    expect(trail.filter((event) => event.kind === 'local_user_added')).toHaveLength(rows)
    const mails = smtp.arrived.map((one) => one.mail.messageId)
    expect(new Set(mails).size).toBe(rows)
    expect(mails.length).toBeLessThan(rows + 5 * 200)
  })

  it('a delete deletes everybody once', { timeout: 120_000 }, async () => {
    const { store, storm } = await start()
    const deps = { store, clock: systemClock }
    const file = { name: 'people.csv', bytes: csvOf(rows), updateDescriptions: false }
    const made = await tryImport(deps, lou, file)
    await confirmImport(deps, lou, made.id)
    await storm(made.id)
    const id = await requestBatch(deps, lou, 'delete', { kind: 'all', typed: String(rows) })
    expect(await storm(id)).toBeGreaterThan(0)
    expect(await store.read((ctx) => findBatch(ctx, id))).toMatchObject({
      state: 'done',
      changed: rows,
      failed: 0,
    })
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(0)
    expect(await mailsLeft(store)).toBe(0)
    const trail = await auditTrail(store)
    expect(trail.filter((event) => event.kind === 'local_user_deleted')).toHaveLength(rows)
  })
})

function work(databaseUrl: string, smtpUrl: string) {
  const script = new URL('worker.ts', import.meta.url).pathname
  return spawn(process.execPath, [script, databaseUrl, smtpUrl], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function mailsLeft(store: Store): Promise<number> {
  return (await store.read((ctx) => ctx.q.select({ id: ctx.t.mails.id }).from(ctx.t.mails))).length
}
