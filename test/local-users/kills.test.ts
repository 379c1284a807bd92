import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { findBatch } from '#db/queries/batches.ts'
import { countOf } from '#db/queries/local-counts.ts'
import type { Store } from '#db/store.ts'
import { systemClock } from '#src/clock.ts'
import { requestBatch } from '#src/local-users/batch.ts'
import { openLink } from '#src/local-users/enrollment.ts'
import { confirmImport, tryImport } from '#src/local-users/import.ts'
import { auditTrail, lou } from '#test/helpers/local-admin.ts'
import { batchStage, csvOf } from '#test/helpers/local-batches.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { startSmtp, type Smtp } from '#src/sandbox/mailbox/smtp.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const rows = 2_000
// The sender has so many under way at a time.
const underWay = 5
const killsWhileMailing = 5
// On a busy machine each process takes seconds to start.
const mostKills = 12
/** Two thousand people in ten groups of two hundred. */
const file = {
  name: 'people.csv',
  bytes: Buffer.from(
    csvOf(rows)
      .toString()
      .replaceAll(/(\d),$/gm, '$1,g$1'),
  ),
  updateDescriptions: false,
}

/** A mail that arrived while so many processes had been killed. */
interface Delivery {
  readonly life: number
  readonly userId: string
  readonly link: string
}

describeOnBothEngines('Killed at random moments', (_, databases) => {
  const start = async () => {
    const url = await databases.newUrl()
    const store = await databases.openUrl(url)
    const smtp = await startSmtp()
    onTestFinished(() => smtp[Symbol.asyncDispose]())
    const deps = { store, clock: systemClock }
    /** Whose mail still stood there when a process was dead, for each of them. */
    const leftAfter: (readonly string[])[] = []
    const deliveries: Delivery[] = []
    smtp.onArrival = async ({ mail }) => {
      const userId = /enrollment\.([\w-]+)\.1@/.exec(mail.messageId ?? '')?.[1] ?? `? ${mail.messageId}`
      const link = /https:\/\/access\.example\/enroll\/(\S+)/.exec(mail.text ?? '')?.[1] ?? 'no link'
      deliveries.push({ life: leftAfter.length, userId, link })
    }
    /** Starts processes one after the other and kills each, until that is so; the last one may live until then. */
    const storm = async (isOver: () => Promise<boolean>) => {
      const before = leftAfter.length
      while (!(await isOver())) {
        const worker = work(url, smtp.url)
        await once(worker.stdout, 'data')
        const kills = leftAfter.length - before
        if (kills < mostKills) await wait(Math.random() * (300 + 150 * kills))
        else await expect.poll(isOver, { timeout: 120_000, interval: 100 }).toBe(true)
        worker.kill('SIGKILL')
        await once(worker, 'exit')
        await silence(smtp)
        leftAfter.push(await mailsLeft(store))
        // What a killed process held comes free two minutes later: nobody waits for that here.
        await store.write((ctx) => ctx.q.update(ctx.t.mails).set({ notBefore: new Date(0) }))
      }
      return leftAfter.length - before
    }
    const isDone = (id: string) => async () =>
      (await store.read((ctx) => findBatch(ctx, id)))?.state === 'done'
    const importAll = async () => {
      const { id } = await tryImport(deps, lou, file)
      await confirmImport(deps, lou, id)
      return id
    }
    return { url, store, deps, smtp, storm, isDone, importAll, leftAfter, deliveries }
  }

  it('an import makes every account once, and each has its mail', { timeout: 300_000 }, async () => {
    const { url, store, deps, smtp, storm, isDone, importAll, leftAfter, deliveries } = await start()
    const id = await importAll()
    expect(await storm(isDone(id))).toBeGreaterThan(0)
    let more = killsWhileMailing
    await storm(async () => (more -= 1) < 0 || (await mailsLeft(store)).length === 0)
    const last = work(url, smtp.url)
    onTestFinished(() => void last.kill('SIGKILL'))
    await vi.waitFor(async () => expect(await mailsLeft(store)).toEqual([]), {
      timeout: 150_000,
      interval: 200,
    })
    expect(await store.read((ctx) => findBatch(ctx, id))).toMatchObject({
      state: 'done',
      ...{ total: rows, done: rows, changed: rows, failed: 0 },
    })
    const { users, groups, members } = await store.read(async ({ q, t }) => ({
      users: await q.select().from(t.localUsers),
      groups: await q.select().from(t.localGroups),
      members: await q.select().from(t.localMembers),
    }))
    expect(new Set(users.map((user) => user.emailKey)).size).toBe(rows)
    expect(users).toHaveLength(rows)
    expect(members).toHaveLength(rows)
    expect(groups.map((group) => group.memberCount)).toEqual(Array.from({ length: 10 }, () => rows / 10))
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(rows)
    expect(await store.read((ctx) => countOf(ctx, 'groups'))).toBe(10)
    const trail = await auditTrail(store)
    expect(trail.filter((event) => event.kind === 'local_user_added')).toHaveLength(rows)
    expect(trail.filter((event) => event.kind === 'batch_finished')).toHaveLength(1)
    for (const left of leftAfter) expect(new Set(left).size, 'one mail for each').toBe(left.length)

    const ofUser = Map.groupBy(deliveries, (one) => one.userId)
    expect(new Set(ofUser.keys())).toEqual(new Set(users.map((user) => user.id)))
    const repeated: number[] = []
    for (const [userId, all] of ofUser)
      for (const [i, { life, link }] of all.slice(0, -1).entries()) {
        repeated.push(life)
        // The same mail, after a kill, and that kill came before the commit.
        expect(all[i + 1]).toEqual({ userId, link, life: expect.any(Number) })
        expect(all[i + 1]!.life).toBeGreaterThan(life)
        expect(leftAfter[life]).toContain(userId)
      }
    for (const same of Map.groupBy(repeated, (life) => life).values())
      expect(same.length).toBeLessThanOrEqual(underWay)
    for (const { userId, link } of deliveries.filter((_one, i) => i % 50 === 0))
      expect(await openLink(deps, link)).toMatchObject({ userId })
  })

  it('a delete deletes everybody once', { timeout: 300_000 }, async () => {
    const { store, deps, storm, isDone, importAll } = await start()
    await importAll()
    await batchStage(store, { clock: createMovedClock(new Date().toISOString()) }).runner.runAllDue()
    const id = await requestBatch(deps, lou, 'delete', { kind: 'all', typed: String(rows) })
    expect(await storm(isDone(id))).toBeGreaterThan(0)
    expect(await store.read((ctx) => findBatch(ctx, id))).toMatchObject({
      state: 'done',
      ...{ total: rows, done: rows, changed: rows, failed: 0 },
    })
    const left = await store.read(async ({ q, t }) => [
      ...(await q.select().from(t.localUsers)),
      ...(await q.select().from(t.localMembers)),
      ...(await q.select().from(t.batchPieces)),
    ])
    expect(left).toEqual([])
    const groups = await store.read((ctx) => ctx.q.select().from(ctx.t.localGroups))
    expect(groups.map((group) => group.memberCount)).toEqual(Array.from({ length: 10 }, () => 0))
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(0)
    expect(await mailsLeft(store)).toEqual([])
    const trail = await auditTrail(store)
    expect(trail.filter((event) => event.kind === 'local_user_deleted')).toHaveLength(rows)
  })
})

function work(databaseUrl: string, smtpUrl: string) {
  const script = new URL('worker.ts', import.meta.url).pathname
  return spawn(process.execPath, [script, databaseUrl, smtpUrl], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Until the mail server has read what the dead process had sent. */
async function silence(smtp: Smtp): Promise<void> {
  await vi.waitFor(() => expect(smtp.connected).toBe(0), { timeout: 30_000 })
}

async function mailsLeft(store: Store): Promise<readonly string[]> {
  const mails = await store.read((ctx) => ctx.q.select({ userId: ctx.t.mails.userId }).from(ctx.t.mails))
  return mails.map((mail) => mail.userId)
}
