import { z } from 'zod'
import { disablesNotUndone } from '#db/queries/enforcements.ts'
import { keepOnce, readKept } from '#db/queries/journal.ts'
import { findWork } from '#db/queries/tasks.ts'
import type { WriteContext } from '#db/store.ts'
import { whyForbidden } from '#src/approvals/policy.ts'
import { ConnectorError } from '#src/errors.ts'
import type { BeforeImage, ChangeContext, ChangeResult, IamConnector, Skipped } from '#src/iam/connector.ts'
import { newId, newReferenceCode } from '#src/ids.ts'
import type { JobKind, JobResult, JobRun } from '#src/jobs/job.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { isInDoubt, noteDoubt, takeDoubtBack } from '#src/tasks/doubt.ts'
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
// The system did not even tell how the account is.
const notAsked: ReadonlySet<string> = new Set([...passing, 'bad_credentials', 'misconfigured'])

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
        const found = await findWork(ctx, payload.enforcementId)
        return found && { task: taskFrom(found.task), one: enforcementFrom(found.enforcement) }
      })
      if (work === undefined || !isCurrent(work.one, payload)) return { kind: 'completed' }
      const attempt: Attempt = { ...work, payload, run, id: newId() }
      try {
        return await carryOut(deps, attempt)
      } catch (error) {
        return await afterFailure(deps, attempt, error)
      }
    },
    async givenUp(ctx, payload, reason) {
      const found = await findWork(ctx, payload.enforcementId)
      if (found === undefined) return
      const one = enforcementFrom(found.enforcement)
      if (!isCurrent(one, payload)) return
      const reference = newReferenceCode()
      deps.log.error({ reference, reason, enforcement: one.id }, 'an enforcement was given up')
      await settleEnforcement(ctx, deps, taskFrom(found.task), one, failed({ kind: 'our_fault', reference }))
    },
  }
}

function isCurrent(one: Enforcement, payload: Payload): boolean {
  return one.run === payload.run && one.status === 'running'
}

/** One run of the job. Several may be at work when one was taken for dead and is not. */
interface Attempt {
  readonly id: string
  readonly task: Task
  readonly one: Enforcement
  readonly payload: Payload
  readonly run: JobRun
}

async function carryOut(deps: TaskDeps, attempt: Attempt): Promise<JobResult> {
  const { task, one, run } = attempt
  const connector = deps.connectors.find((other) => other.system.id === one.systemId)
  if (connector === undefined)
    throw new ConnectorError('misconfigured', `${one.systemId} is not configured`, {
      detail: 'system_removed',
    })
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
      return await carryOutOn(deps, { ...attempt, one: known.one }, known.one.accountId, connector)
  }
}

function hasAccount(one: Enforcement): one is Enforcement & { readonly accountId: string } {
  return one.accountId !== null
}

async function carryOutOn(
  deps: TaskDeps,
  attempt: Attempt,
  accountId: string,
  connector: IamConnector,
): Promise<JobResult> {
  const { task, one, payload, run } = attempt
  // A Retry, a repeated or late attempt, and an account known only now were not judged a moment ago.
  const ageMs = deps.clock.now().getTime() - (one.startedAt?.getTime() ?? 0)
  if (!payload.judged || run.attempt > 1 || ageMs > judgedForMs) {
    const { protection } = await judgeAccount(deps, { systemId: one.systemId, accountId }, run.signal)
    const why = whyForbidden(task, protection)
    if (why !== undefined) return ended(deps, task, one, failed({ kind: 'protected', why }))
  }
  const ending = await change(deps, attempt, accountId, connector)
  // Told to stop while it looked again: the next attempt looks.
  if (ending.readBack === 'unreachable') run.signal.throwIfAborted()
  return ended(deps, task, one, ending)
}

async function change(
  deps: TaskDeps,
  attempt: Attempt,
  accountId: string,
  connector: IamConnector,
): Promise<Ending> {
  const { id, task, one, run } = attempt
  const step: ChangeContext['step'] = async (name, work) => {
    const kept = await deps.store.read((ctx) => readKept(ctx, one.id, name))
    const value = kept === undefined ? await work() : kept.value
    // The connector writes next; nothing is to be written without that being known.
    const writesNext = name === 'before'
    if (kept !== undefined && !writesNext) return value
    const now = deps.clock.now()
    return await deps.store.write(async (ctx) => {
      if (writesNext) await noteDoubt(ctx, one.id, id, now)
      return await keepOnce(ctx, one.id, name, value, now)
    })
  }
  // Only Disable keeps what was there before.
  if (task.action !== 'disable_account')
    await deps.store.write((ctx) => noteDoubt(ctx, one.id, id, deps.clock.now()))
  const { endSessions, mayDeactivate } = task
  const context: ChangeContext = { signal: run.signal, step, endSessions, mayDeactivate, before: undefined }
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

function ended(deps: TaskDeps, task: Task, one: Enforcement, ending: Ending): JobResult {
  return { kind: 'completed', settle: (ctx) => settleAs(ctx, deps, task, one, ending) }
}

async function settleAs(
  ctx: WriteContext,
  deps: TaskDeps,
  task: Task,
  one: Enforcement,
  ending: Ending,
): Promise<void> {
  // Retry has started a newer run: its answer counts, not this one. A task that ran out of time takes a late answer.
  const only = { run: one.run, late: ending.status === 'successful' }
  await settleEnforcement(ctx, deps, task, one, ending, only)
}

async function afterFailure(deps: TaskDeps, attempt: Attempt, error: unknown): Promise<JobResult> {
  const { task, one, payload, run } = attempt
  if (run.signal.aborted) throw error
  if (error instanceof ConnectorError) {
    deps.log.warn(
      { err: error, system: one.systemId, attempt: run.attempt },
      'an IAM system did not do what was asked',
    )
    const settle = (ctx: WriteContext) => settleDoubt(ctx, deps, attempt, error)
    const { detail, retryAt } = error.facts
    const notBefore = retryAt === undefined ? undefined : new Date(retryAt)
    // Nothing was sent, because the system asked everybody to wait: that is no attempt.
    if (detail === 'paused' && notBefore !== undefined) return { kind: 'snooze', until: notBefore, settle }
    if (passing.has(error.code) && run.attempt < callAttempts)
      return { kind: 'retry', reason: error.code, settle, ...(notBefore !== undefined && { notBefore }) }
    return { kind: 'completed', settle: (ctx) => settleFailure(ctx, deps, attempt, error) }
  }
  if (run.attempt < callAttempts) throw error
  const reference = newReferenceCode()
  deps.log.error({ err: error, reference, payload }, 'an enforcement failed unexpectedly')
  return ended(deps, task, one, failed({ kind: 'our_fault', reference }))
}

/** Every code but one says that this attempt has sent nothing. */
async function settleDoubt(
  ctx: WriteContext,
  deps: TaskDeps,
  { id, one }: Attempt,
  error: ConnectorError,
): Promise<void> {
  if (error.code === 'unknown_outcome') await noteDoubt(ctx, one.id, id, deps.clock.now())
  else await takeDoubtBack(ctx, one.id, id)
}

async function settleFailure(
  ctx: WriteContext,
  deps: TaskDeps,
  attempt: Attempt,
  error: ConnectorError,
): Promise<void> {
  const { task, one } = attempt
  await settleDoubt(ctx, deps, attempt, error)
  const doubt = await isInDoubt(ctx, one.id)
  const told = doubt && notAsked.has(error.code) ? 'unknown_outcome' : error.code
  const ending = failed({ kind: 'system_error', code: told, facts: error.facts })
  // Somebody looks again later: what an earlier attempt sent may stand.
  const looked =
    doubt && error.code !== 'not_found' ? { ...ending, readBack: 'unreachable' as const } : ending
  await settleAs(ctx, deps, task, one, looked)
}
