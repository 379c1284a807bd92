import { z } from 'zod'
import { keepOnce, readKept } from '#db/queries/journal.ts'
import { disablesNotUndone, findEnforcement, findTask } from '#db/queries/tasks.ts'
import { ConnectorError } from '#src/errors.ts'
import type { BeforeImage, ChangeContext, ChangeResult, IamConnector, Skipped } from '#src/iam/connector.ts'
import { newReferenceCode } from '#src/ids.ts'
import type { JobKind, JobResult, JobRun } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { judgeAccount } from '#src/tasks/gate.ts'
import { identifyNow } from '#src/tasks/identify.ts'
import { enforcementFrom, taskFrom } from '#src/tasks/rows.ts'
import { type Ending, failed, settleEnforcement, skipped } from '#src/tasks/settle.ts'
import type { Enforcement, Task } from '#src/tasks/task.ts'

const Payload = z.object({
  enforcementId: z.string(),
  run: z.number(),
  /** The account was matched and judged in the moment this job was made. */
  judged: z.boolean(),
})
type Payload = z.infer<typeof Payload>
const StoredBeforeImage = z.record(z.string(), z.unknown())

/** How often a system that is away or slow is asked within one run, before Retry is offered. */
const callAttempts = 5
const busyAgainMs = 1_000
// What the gate found counts for this long.
const judgedForMs = 30_000

const passing: ReadonlySet<string> = new Set(['unavailable', 'timed_out', 'rate_limited', 'unknown_outcome'])

/**
 * Carries one enforcement out: the change, its read-back, and the settling. May run twice; the connector's calls set a
 * state, and what was kept by `step` is not done again.
 */
export function enforceJob(deps: TaskDeps): JobKind<Payload> {
  return {
    kind: 'enforce',
    payload: Payload,
    // Process deaths count as attempts as well; failures of the system are limited by `callAttempts`.
    maxAttempts: 50,
    async run(payload, run): Promise<JobResult> {
      const work = await deps.store.read(async (ctx) => {
        const row = await findEnforcement(ctx, payload.enforcementId)
        const task = row === undefined ? undefined : await findTask(ctx, row.taskId)
        if (row === undefined || task === undefined) return undefined
        return { task: taskFrom(task), one: enforcementFrom(row) }
      })
      if (work === undefined || !isCurrent(work.one, payload)) return { kind: 'completed' }
      try {
        return await carryOut(deps, work.task, work.one, payload, run)
      } catch (error) {
        return await afterFailure(deps, work.task, work.one, payload, run, error)
      }
    },
    async givenUp(ctx, payload, reason) {
      const row = await findEnforcement(ctx, payload.enforcementId)
      const task = row === undefined ? undefined : await findTask(ctx, row.taskId)
      if (row === undefined || task === undefined || !isCurrent(enforcementFrom(row), payload)) return
      const reference = newReferenceCode()
      deps.log.error({ reference, reason, enforcement: row.id }, 'an enforcement was given up')
      await settleEnforcement(
        ctx,
        deps,
        taskFrom(task),
        enforcementFrom(row),
        failed({ kind: 'our_fault', reference }),
      )
    },
  }
}

function isCurrent(one: Enforcement, payload: Payload): boolean {
  return one.run === payload.run && one.status === 'running'
}

async function carryOut(
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  payload: Payload,
  run: JobRun,
): Promise<JobResult> {
  const connector = deps.connectors.find((other) => other.system.id === one.systemId)
  if (connector === undefined)
    return ended(deps, task, one, failed(systemError('misconfigured', { detail: 'system_removed' })))
  const known = hasAccount(one)
    ? ({ kind: 'account', one } as const)
    : await identifyNow(deps, task, one, connector, run.signal)
  switch (known.kind) {
    case 'ended':
      return ended(deps, task, one, known.ending)
    case 'busy':
      return { kind: 'snooze', until: new Date(deps.clock.now().getTime() + busyAgainMs) }
    case 'nobody_yet':
      return run.attempt < callAttempts
        ? { kind: 'retry', reason: 'another system may name the person' }
        : ended(deps, task, one, skipped({ kind: 'nobody_there' }))
    case 'account':
      return await carryOutOn(deps, task, known.one, connector, payload, run)
  }
}

function hasAccount(one: Enforcement): one is Enforcement & { readonly accountId: string } {
  return one.accountId !== null
}

async function carryOutOn(
  deps: TaskDeps,
  task: Task,
  one: Enforcement & { readonly accountId: string },
  connector: IamConnector,
  payload: Payload,
  run: JobRun,
): Promise<JobResult> {
  // A Retry, a repeated or late attempt, and an account known only now were not judged a moment ago.
  const ageMs = deps.clock.now().getTime() - (one.startedAt?.getTime() ?? 0)
  if (!payload.judged || run.attempt > 1 || ageMs > judgedForMs) {
    const { protection } = await judgeAccount(deps, one, run.signal)
    if (protection.kind === 'deny' || (protection.kind === 'two_approvers' && task.approvalsNeeded < 2))
      return ended(deps, task, one, failed({ kind: 'protected', why: protection.why }))
  }
  return ended(deps, task, one, await change(deps, task, one, one.accountId, connector, run.signal))
}

async function change(
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  accountId: string,
  connector: IamConnector,
  signal: AbortSignal,
): Promise<Ending> {
  const step: ChangeContext['step'] = async (name, work) => {
    const kept = await deps.store.read((ctx) => readKept(ctx, one.id, name))
    if (kept !== undefined) return kept.value
    const value = await work()
    const now = deps.clock.now()
    return await deps.store.write((ctx) => keepOnce(ctx, one.id, name, value, now))
  }
  const { endSessions, mayDeactivate } = task
  const context: ChangeContext = { signal, step, endSessions, mayDeactivate, before: undefined }
  switch (task.action) {
    case 'disable_account':
      return endingOf(await connector.disable(accountId, context))
    case 'enable_account': {
      const before = await beforeImage(deps, { systemId: one.systemId, accountId })
      return endingOf(await connector.enable(accountId, { ...context, before }))
    }
    case 'force_password_reset':
      if (connector.resetPassword === undefined) return skipped({ kind: 'no_such_action' })
      return endingOf(await connector.resetPassword(accountId, context))
    case 'force_sign_out':
      if (connector.signOut === undefined) return skipped({ kind: 'no_such_action' })
      return endingOf(await connector.signOut(accountId, context))
  }
}

/** The earliest before-image on the account that no Enable has undone. */
async function beforeImage(
  deps: TaskDeps,
  account: { readonly systemId: string; readonly accountId: string },
): Promise<BeforeImage | undefined> {
  return await deps.store.read(async (ctx) => {
    const [earliest] = await disablesNotUndone(ctx, account)
    if (earliest === undefined) return undefined
    const kept = await readKept(ctx, earliest.id, 'before')
    return kept === undefined ? undefined : StoredBeforeImage.parse(kept.value)
  })
}

function endingOf(result: ChangeResult | Skipped): Ending {
  if ('skipped' in result)
    return skipped({ kind: 'not_for_this_account', why: result.skipped, where: result.where })
  const { readBack, already, remarks, sessions } = result
  const seen = { readBack, already, remarks, sessions: sessions?.kind ?? null }
  if (readBack !== 'verified' && readBack !== 'accepted')
    return { ...seen, status: 'unsuccessful', reason: { kind: 'read_back', readBack } }
  if (sessions?.kind !== 'failed') return { ...seen, status: 'successful', reason: null }
  // Half done is not done: somebody who is signed in stays signed in.
  const { code, facts } = sessions
  return { ...seen, status: 'unsuccessful', reason: { kind: 'sessions_live_on', code, facts } }
}

function systemError(code: ConnectorError['code'], facts: ConnectorError['facts']) {
  return { kind: 'system_error', code, facts } as const
}

function ended(deps: TaskDeps, task: Task, one: Enforcement, ending: Ending): JobResult {
  return {
    kind: 'completed',
    settle: async (ctx) => {
      const row = await findEnforcement(ctx, one.id)
      // Retry has started a newer run: its answer counts, not this one. A task that ran out of time takes a late answer.
      if (row === undefined || row.run !== one.run) return
      if (row.status === 'running' || ending.status === 'successful')
        await settleEnforcement(ctx, deps, task, one, ending)
    },
  }
}

async function afterFailure(
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  payload: Payload,
  run: JobRun,
  error: unknown,
): Promise<JobResult> {
  if (run.signal.aborted) throw error
  if (error instanceof ConnectorError) {
    deps.log.warn(
      { err: error, system: one.systemId, attempt: run.attempt },
      'an IAM system did not do what was asked',
    )
    const { detail, retryAt } = error.facts
    // Nothing was sent, because the system asked everybody to wait: that is no attempt.
    if (detail === 'paused' && retryAt !== undefined) return { kind: 'snooze', until: new Date(retryAt) }
    if (passing.has(error.code) && run.attempt < callAttempts) return comeBack(deps, one, error)
    if (passing.has(error.code) && (await mayBeChanged(deps, one, error))) {
      const unknown = failed(systemError('unknown_outcome', error.facts))
      return ended(deps, task, one, { ...unknown, readBack: 'unreachable' })
    }
    return ended(deps, task, one, failed(systemError(error.code, error.facts)))
  }
  if (run.attempt < callAttempts) throw error
  const reference = newReferenceCode()
  deps.log.error({ err: error, reference, payload }, 'an enforcement failed unexpectedly')
  return ended(deps, task, one, failed({ kind: 'our_fault', reference }))
}

const maybeChanged = 'maybe_changed'

/** Whether a change was sent, now or by an earlier attempt, and nobody could look since: the account may read either way. */
async function mayBeChanged(deps: TaskDeps, one: Enforcement, error: ConnectorError): Promise<boolean> {
  if (error.code === 'unknown_outcome') return true
  return (await deps.store.read((ctx) => readKept(ctx, one.id, maybeChanged))) !== undefined
}

function comeBack(deps: TaskDeps, one: Enforcement, error: ConnectorError): JobResult {
  const { retryAt } = error.facts
  return {
    kind: 'retry',
    reason: error.code,
    ...(retryAt !== undefined && { notBefore: new Date(retryAt) }),
    ...(error.code === 'unknown_outcome' && {
      settle: async (ctx) => void (await keepOnce(ctx, one.id, maybeChanged, true, deps.clock.now())),
    }),
  }
}
