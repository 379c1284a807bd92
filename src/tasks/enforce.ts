import { z } from 'zod'
import { keepOnce, readKept } from '#db/queries/journal.ts'
import { disablesNotUndone, findEnforcement, findTask, updateEnforcement } from '#db/queries/tasks.ts'
import { ConnectorError, connectorErrorCodes } from '#src/errors.ts'
import type { BeforeImage, ChangeContext, ChangeResult, IamConnector } from '#src/iam/connector.ts'
import { readPersonQuery } from '#src/iam/person-query.ts'
import { findTarget } from '#src/iam/find-target.ts'
import type { FoundTarget } from '#src/iam/target.ts'
import { newReferenceCode } from '#src/ids.ts'
import type { JobKind, JobResult, JobRun } from '#src/jobs/job.ts'
import { lookUpTimeoutMs, type TaskDeps } from '#src/tasks/deps.ts'
import { identify, judgeAccount } from '#src/tasks/gate.ts'
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
const callAttempts = 6

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
  const identified = one.accountId === null ? await identifyNow(deps, task, one, connector, run.signal) : one
  if ('status' in identified && !('accountId' in identified)) return ended(deps, task, one, identified)
  if (!('accountId' in identified) || identified.accountId === null)
    throw new Error('an enforcement without an account')
  // A Retry, a repeated attempt or an account known only now was not judged a moment ago.
  if (!payload.judged || run.attempt > 1) {
    const account = await judgeAccount(
      deps,
      { systemId: one.systemId, accountId: identified.accountId },
      run.signal,
    )
    const { protection } = account
    if (protection.kind === 'deny' || (protection.kind === 'two_approvers' && task.approvalsNeeded < 2))
      return ended(deps, task, identified, failed({ kind: 'protected', why: protection.why }))
  }
  const result = await change(deps, task, identified, identified.accountId, connector, run.signal)
  return ended(deps, task, identified, endingOf(result))
}

async function identifyNow(
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  connector: IamConnector,
  signal: AbortSignal,
): Promise<Enforcement | Ending> {
  const query = readPersonQuery(task.personText)
  if (query === undefined) return skipped({ kind: 'nobody_there' })
  const { rules, log } = deps
  const lookUp = {
    connectors: [connector],
    protection: rules.protection,
    lookUpTimeoutMs: lookUpTimeoutMs(rules),
    log,
  }
  const found = await findTarget(lookUp, query, signal)
  const answer = identify(found).get(one.systemId)
  if (answer === undefined) throw new ConnectorError(whyUnasked(found), `${one.systemId} could not be asked`)
  if (answer.kind === 'nobody') return skipped({ kind: 'nobody_there' })
  if (answer.kind === 'ambiguous') return failed({ kind: 'ambiguous', hits: answer.hits })
  const { accountId, login, emails } = answer.account
  await deps.store.write((ctx) => updateEnforcement(ctx, one.id, { accountId, login, emails }))
  return { ...one, accountId, login, emails }
}

function whyUnasked(found: FoundTarget): ConnectorError['code'] {
  const said = found.unasked[0]?.code
  return connectorErrorCodes.find((code) => code === said) ?? 'unavailable'
}

async function change(
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  accountId: string,
  connector: IamConnector,
  signal: AbortSignal,
): Promise<ChangeResult> {
  const step: ChangeContext['step'] = async (name, work) => {
    const kept = await deps.store.read((ctx) => readKept(ctx, one.id, name))
    if (kept !== undefined) return kept.value
    const value = await work()
    const now = deps.clock.now()
    return await deps.store.write((ctx) => keepOnce(ctx, one.id, name, value, now))
  }
  if (task.action === 'disable_account')
    return await connector.disable(accountId, { signal, before: undefined, step })
  const before = await beforeImage(deps, { systemId: one.systemId, accountId })
  return await connector.enable(accountId, { signal, before, step })
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

function endingOf(result: ChangeResult): Ending {
  const { readBack, already, remarks } = result
  if (readBack === 'verified' || readBack === 'accepted')
    return { status: 'successful', readBack, already, remarks, reason: null }
  return { status: 'unsuccessful', readBack, already, remarks, reason: { kind: 'read_back', readBack } }
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
