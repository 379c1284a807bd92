import { expect, it } from 'vitest'
import { auditEventsOfTask, insertAuditEvent } from '#db/queries/audit.ts'
import { decisionsOfTask, findDecision, insertDecision, updateDecision } from '#db/queries/decisions.ts'
import { keepOnce, readKept } from '#db/queries/journal.ts'
import { deleteLookUpsBefore, findLookUp, insertLookUp } from '#db/queries/look-ups.ts'
import { insertLine, linesOfStream } from '#db/queries/outbox.ts'
import { deleteAuditEventsBefore, deleteTasksFinishedBefore } from '#db/queries/retention.ts'
import { firstSeen } from '#db/queries/seen-requests.ts'
import { findTask, insertTask } from '#db/queries/tasks.ts'
import { findThread, insertThread } from '#db/queries/threads.ts'
import { ConflictError } from '#db/store.ts'
import { after, enforcementRow, start, taskRow } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const decision = (id: string, fields = {}) => ({
  id,
  taskId: 'T-1',
  approverId: 'U0ANA',
  verdict: 'approve',
  note: '',
  state: 'pending',
  onceKey: 'T-1:U0ANA',
  viewId: 'V1',
  channelId: 'C1',
  createdAt: start,
  ...fields,
})

describeOnBothEngines('Records', (open) => {
  it('keep one decision per approver while it is pending or counted', async () => {
    const store = await open()
    await store.write((ctx) => insertDecision(ctx, decision('a')))
    await expect(store.write((ctx) => insertDecision(ctx, decision('b')))).rejects.toBeInstanceOf(
      ConflictError,
    )
    await store.write((ctx) =>
      updateDecision(ctx, 'a', { state: 'refused', onceKey: null, settledAt: after(1) }),
    )
    await store.write((ctx) => insertDecision(ctx, decision('b', { createdAt: after(2) })))
    expect(await store.read((ctx) => decisionsOfTask(ctx, 'T-1'))).toMatchObject([
      { id: 'a', state: 'refused', settledAt: after(1) },
      { id: 'b', state: 'pending' },
    ])
    expect(await store.read((ctx) => findDecision(ctx, 'c'))).toBeUndefined()
  })

  it('keep audit events in the order in which they were written', async () => {
    const store = await open()
    for (const kind of ['task_requested', 'task_started', 'task_finished'])
      await store.write((ctx) =>
        insertAuditEvent(ctx, { at: start, kind, actor: 'system', taskId: 'T-1', facts: { kind } }),
      )
    const events = await store.read((ctx) => auditEventsOfTask(ctx, 'T-1'))
    expect(events.map((event) => event.facts)).toEqual([
      { kind: 'task_requested' },
      { kind: 'task_started' },
      { kind: 'task_finished' },
    ])
    await store.write((ctx) => deleteAuditEventsBefore(ctx, after(1)))
    expect(await store.read((ctx) => auditEventsOfTask(ctx, 'T-1'))).toEqual([])
  })

  it('keep a look-up until it is old', async () => {
    const store = await open()
    const found = { accounts: [{ login: 'x"\\y' }], unasked: [], asked: ['corp-ad'] }
    const row = {
      id: 'l',
      action: 'disable_account',
      requesterId: 'U',
      channelId: 'C',
      mayDeactivate: false,
      personText: 'x',
      found,
    }
    await store.write((ctx) => insertLookUp(ctx, { ...row, createdAt: start }))
    await store.write((ctx) => deleteLookUpsBefore(ctx, start))
    expect(await store.read((ctx) => findLookUp(ctx, 'l'))).toMatchObject({ found, fromTask: null })
    await store.write((ctx) => deleteLookUpsBefore(ctx, after(1)))
    expect(await store.read((ctx) => findLookUp(ctx, 'l'))).toBeUndefined()
  })

  it('know a request that was seen, also when two replicas ask at the same time, until its time is over', async () => {
    const store = await open()
    const see = (now: Date) =>
      store.write((ctx) => firstSeen(ctx, 'signature', new Date(now.getTime() + 10), now))
    const answers = await Promise.all([see(start), see(start), see(start)])
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await see(after(10))).toBe(false)
    expect(await see(after(11))).toBe(true)
  })

  it('forget old finished tasks with all that belongs to them, but none whose change can still be undone', async () => {
    const store = await open()
    await store.write(async (ctx) => {
      const finished = { status: 'successful', finishedAt: start }
      const row = (id: string, task: string, fields = {}) =>
        enforcementRow(id, task, { status: 'successful', ...fields })
      await insertTask(ctx, taskRow('T-OLD', finished), [row('undone', 'T-OLD', { undoneBy: 'T-X' })])
      await insertTask(ctx, taskRow('T-KEPT', finished), [row('needed', 'T-KEPT')])
      await insertTask(ctx, taskRow('T-OPEN'), [])
      for (const scope of ['undone', 'needed']) await keepOnce(ctx, scope, 'written', true, start)
      await insertDecision(ctx, decision('d', { taskId: 'T-OLD' }))
      await insertLine(ctx, { stream: 'T-OLD', lane: 'reply', message: {}, now: start })
      await insertThread(ctx, { stream: 'T-OLD', channel: 'C', ts: '1.1', permalink: null, createdAt: start })
    })
    expect(await store.write((ctx) => deleteTasksFinishedBefore(ctx, start, 10))).toBe(0)
    expect(await store.write((ctx) => deleteTasksFinishedBefore(ctx, after(1), 10))).toBe(1)
    await store.read(async (ctx) => {
      expect(await findTask(ctx, 'T-OLD')).toBeUndefined()
      expect(await readKept(ctx, 'undone', 'written')).toBeUndefined()
      expect(await decisionsOfTask(ctx, 'T-OLD')).toEqual([])
      expect(await linesOfStream(ctx, 'T-OLD')).toEqual([])
      expect(await findThread(ctx, 'T-OLD')).toBeUndefined()
      expect(await findTask(ctx, 'T-KEPT')).toBeDefined()
      expect(await readKept(ctx, 'needed', 'written')).toBeDefined()
      expect(await findTask(ctx, 'T-OPEN')).toBeDefined()
    })
  })
})
