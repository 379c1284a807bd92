import { expect, it } from 'vitest'
import { confirmBinding, insertBinding } from '#db/queries/slack-bindings.ts'
import { insertTask } from '#db/queries/tasks.ts'
import { submitDecision } from '#src/approvals/submit.ts'
import { UserError } from '#src/errors.ts'
import { silentLog } from '#src/log.ts'
import { createStepUp } from '#src/sign-in/step-up.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { start, taskRow } from '#test/helpers/rows.ts'
import { addApp, addPeople, codeOf, factorDeps, personId } from '#test/helpers/second-factors.ts'
import { describeOnBothEngines, type TestDatabases } from '#test/helpers/store.ts'
import { taskRules } from '#test/helpers/task-rules.ts'

const plain = taskRules()
const asked = { ...plain.approval.disable_account, stepUp: true }
const rules = { ...plain, approval: { ...plain.approval, disable_account: asked } }

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'kept',
    (error: unknown) => (error instanceof UserError ? error.code : String(error)),
  )

/** Two replicas, three tasks, and Ana, who is bound to a local user with an authenticator app. */
async function stage(databases: TestDatabases) {
  const url = await databases.newUrl()
  const factors = factorDeps(await databases.openUrl(url), createMovedClock(start.toISOString()))
  await addPeople(factors, 'ana')
  const key = await addApp(factors, 'ana')
  const ids = ['T-1', 'T-2', 'T-3']
  await factors.store.write(async (ctx) => {
    for (const id of ids) await insertTask(ctx, taskRow(id, { action: 'disable_account' }), [])
    const binding = { slackUserId: 'U0ANA', userId: personId('ana'), state: 'asked', requestId: 'r' }
    await insertBinding(ctx, { ...binding, createdAt: start })
    await confirmBinding(ctx, 'r', { confirmedAt: start, confirmedBy: 'U0OLGA' })
  })
  const replica = (store: typeof factors.store, withSignIn = true) => ({
    store,
    clock: factors.clock,
    rules,
    log: silentLog(),
    connectors: [],
    stepUp: withSignIn ? createStepUp({ ...factors, store }) : undefined,
    onEnforcementEnded: () => {},
    lastOwner: async () => [],
  })
  const one = replica(factors.store)
  const other = replica(await databases.openUrl(url))
  const submit = (deps: typeof one, taskId: string, code?: string, approverId = 'U0ANA') =>
    outcomeOf(
      submitDecision(deps, {
        ...{ taskId, approverId, code, verdict: 'approve', note: '', viewId: 'V1', channelId: 'C1' },
      }),
    )
  const decisions = async () => await factors.store.read((ctx) => ctx.q.select().from(ctx.t.decisions))
  return { factors, key, one, other, submit, decisions, replica }
}

describeOnBothEngines('A decision that needs a one-time code', (_, databases) => {
  it('is kept only with a right one; a wrong one is counted and nothing else', async () => {
    const { factors, key, one, submit, decisions } = await stage(databases)
    expect(await submit(one, 'T-1')).toBe('missing')
    expect(await submit(one, 'T-1', '   ')).toBe('missing')
    expect(await submit(one, 'T-1', '000000')).toBe('wrong_code')
    expect(await submit(one, 'T-1', codeOf(factors, key), 'U0ABEL')).toBe('not_bound')
    expect(await decisions()).toEqual([])
    expect((await auditTrail(factors.store)).at(-1)?.kind).toBe('local_factor_refused')
    expect(await submit(one, 'T-1', codeOf(factors, key))).toBe('kept')
    expect(await decisions()).toHaveLength(1)
    const all = await factors.store.read(async (ctx) => [
      await ctx.q.select().from(ctx.t.decisions),
      await ctx.q.select().from(ctx.t.auditEvents),
      await ctx.q.select().from(ctx.t.jobs),
    ])
    expect(JSON.stringify(all)).not.toContain(codeOf(factors, key))
  })

  it('uses its code up with it: the same code on three tasks and two replicas at once decides one', async () => {
    const { factors, key, one, other, submit, decisions } = await stage(databases)
    const code = codeOf(factors, key)
    const outcomes = await Promise.all([
      submit(one, 'T-1', code),
      submit(other, 'T-2', code),
      submit(one, 'T-3', code),
    ])
    expect(outcomes.toSorted()).toEqual(['kept', 'wrong_code', 'wrong_code'])
    expect(await decisions()).toHaveLength(1)
  })

  it('leaves a code good that came with a decision which could not be kept', async () => {
    const { factors, key, one, submit } = await stage(databases)
    expect(await submit(one, 'T-1', codeOf(factors, key))).toBe('kept')
    factors.clock.move(60_000)
    const code = codeOf(factors, key)
    expect(await submit(one, 'T-1', code)).toBe('already_decided')
    expect(await submit(one, 'T-2', code)).toBe('kept')
  })

  it('cannot be guessed by deciding', async () => {
    const { factors, key, one, other, submit, decisions } = await stage(databases)
    const seen: string[] = []
    for (let n = 0; n < 6; n += 1) seen.push(await submit(n % 2 === 0 ? one : other, 'T-1', '000000'))
    expect(seen).toEqual([...Array<string>(5).fill('wrong_code'), 'too_many'])
    expect(await submit(one, 'T-1', codeOf(factors, key))).toBe('too_many')
    expect(await decisions()).toEqual([])
  })

  it('is refused where codes cannot be checked', async () => {
    const { factors, key, submit, decisions, replica } = await stage(databases)
    expect(await submit(replica(factors.store, false), 'T-1', codeOf(factors, key))).toBe('nothing_to_do')
    expect(await decisions()).toEqual([])
  })
})
