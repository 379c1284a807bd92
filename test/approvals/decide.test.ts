import { afterEach, expect, it } from 'vitest'
import { insertTask } from '#db/queries/tasks.ts'
import { dueLines } from '#db/queries/outbox.ts'
import { openStore, type Store } from '#db/store.ts'
import { decideJob } from '#src/approvals/decide.ts'
import { submitDecision } from '#src/approvals/submit.ts'
import { silentLog } from '#src/log.ts'
import type { Actor } from '#src/people/actor.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { after, start, taskRow } from '#test/helpers/rows.ts'
import { taskRules } from '#test/helpers/task-rules.ts'

let store: Store
afterEach(() => store.close())

const rules = taskRules()

/** Submits a decision of Ana's and counts it; answers when the word about it may go out. */
async function answerTime(requesterId: string): Promise<Date | undefined> {
  store = await openStore('sqlite::memory:')
  const clock = createMovedClock(start.toISOString())
  const ana: Actor = {
    userId: 'U0ANA',
    teamId: 'T1',
    enterpriseId: undefined,
    name: 'ana',
    email: undefined,
    tz: undefined,
    roles: new Set(['approver']),
  }
  const deps = {
    ...{
      store,
      clock,
      rules,
      log: silentLog(),
      connectors: [],
      onEnforcementEnded: () => {},
      lastOwner: async () => [],
    },
    findActor: async () => ana,
  }
  await store.write((ctx) => insertTask(ctx, taskRow('T-1', { requesterId }), []))
  const form = { taskId: 'T-1', verdict: 'reject', note: 'no', viewId: 'V1', channelId: 'C1' } as const
  await submitDecision(deps, { ...form, approverId: 'U0ANA' })
  const { decisions } = await store.read(async (ctx) => ({
    decisions: await ctx.q.select().from(ctx.t.decisions),
  }))
  const run = { jobId: '1', attempt: 1, signal: new AbortController().signal }
  const result = await decideJob(deps).run({ decisionId: decisions[0]!.id }, run)
  await store.write(async (ctx) => result.settle?.(ctx))
  const due = await store.read((ctx) => dueLines(ctx, { now: after(60_000), after: 0, limit: 10 }))
  return due.find(({ line }) => line.stream.startsWith('decision:'))?.line.notBefore
}

it('tells a refusal only once Slack no longer takes the answer to the submission, which would hide it', async () => {
  expect(await answerTime('U0ANA')).toEqual(after(3_000))
})

it('tells that a decision counted a second later: the thread has it already', async () => {
  expect(await answerTime('U0RITA')).toEqual(after(1_000))
})
