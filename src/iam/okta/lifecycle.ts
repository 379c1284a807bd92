import { ConnectorError } from '#src/errors.ts'
import type { ReadBack } from '#src/iam/connector.ts'
import { pathOf } from '#src/iam/url.ts'
import type { OktaDeps } from '#src/iam/okta/deps.ts'
import { isWrongStatus } from '#src/iam/okta/errors.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'
import { readAtRest, readById } from '#src/iam/okta/people.ts'
import { type LifecycleStep, type Plan, showsStep } from '#src/iam/okta/plan.ts'
import { readRoles } from '#src/iam/okta/roles.ts'
import type { OktaUser } from '#src/iam/okta/user.ts'

/** Where a change ended. */
export interface Reached {
  /** What was found and done last. */
  readonly plan: Exclude<Plan, { readonly kind: 'refused' | 'wait' }>
  /** The account as it was when that was decided. */
  readonly user: OktaUser
  /** Somebody else was faster: what we asked for was refused, because it stood there already. */
  readonly overtaken: boolean
}

/**
 * Plans on the account as it is now and carries the steps out. When Okta says that the account is in another status by
 * then, both are done once more. `begin` runs before the first step of each plan. Throws `ConnectorError`.
 */
export async function carryOut(
  deps: OktaDeps,
  id: string,
  signal: AbortSignal,
  decide: (user: OktaUser) => Plan,
  begin: (user: OktaUser, plan: Reached['plan']) => Promise<void>,
): Promise<Reached> {
  for (let overtaken = false; ; overtaken = true) {
    const user = await readAtRest(deps, id, signal)
    const plan = possible(decide(user), user)
    await begin(user, plan)
    if (plan.kind !== 'steps') return { plan, user, overtaken }
    try {
      await takeSteps(deps, user, plan.steps, signal)
      return { plan, user, overtaken: false }
    } catch (error) {
      if (overtaken || !isWrongStatus(error)) throw await explained(deps, id, error, signal)
    }
  }
}

function possible(plan: Plan, user: OktaUser): Reached['plan'] {
  switch (plan.kind) {
    case 'already':
    case 'stays':
    case 'steps':
      return plan
    case 'wait':
      throw new ConnectorError('timed_out', 'Okta is still at it', { detail: 'changing_now' })
    case 'refused': {
      const facts = { detail: plan.detail, state: user.status, where: user.provider?.name }
      throw new ConnectorError('not_supported', `Not possible in status ${user.status}`, facts)
    }
  }
}

async function takeSteps(
  deps: OktaDeps,
  user: OktaUser,
  steps: readonly LifecycleStep[],
  signal: AbortSignal,
): Promise<void> {
  let unlocked = false
  for (const step of steps) {
    try {
      await takeStep(deps, user, step, signal)
    } catch (error) {
      if (!unlocked || !(error instanceof ConnectorError) || isWrongStatus(error)) throw error
      // The lock that held the person is gone, and by our hand.
      const { where } = error.facts
      const facts = {
        ...error.facts,
        detail: 'unlocked_but_not_suspended',
        state: 'ACTIVE',
        ...(where !== undefined && { where: `${where}; the account was unlocked first and can sign in now` }),
      }
      throw new ConnectorError(error.code, error.message, facts, error)
    }
    unlocked ||= step === 'unlock'
  }
}

const attempts = 3

/** Takes one step. After a lost answer it looks first, and asks again only where the step can't be seen. */
async function takeStep(
  deps: OktaDeps,
  { id }: OktaUser,
  step: LifecycleStep,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // The answer of `activate` holds a secret link; it is dropped unread.
      await deps.client.call(stepCall(id, step), signal)
      return
    } catch (error) {
      if (!(error instanceof ConnectorError) || !mayHelpAgain(error, step)) throw error
      if (await isDone(deps, id, step, error, signal)) return
      if (attempt < attempts) continue
      throw new ConnectorError('unavailable', 'Several changes were lost', error.facts, error)
    }
  }
}

// Between the unlocking and this the person can sign in, so no job waits for its next turn.
function mayHelpAgain({ code }: ConnectorError, step: LifecycleStep): boolean {
  return code === 'unknown_outcome' || (code === 'unavailable' && step === 'suspend')
}

async function isDone(
  { client }: OktaDeps,
  id: string,
  step: LifecycleStep,
  unknown: ConnectorError,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return showsStep(await readById(client, id, signal), step)
  } catch {
    throw unknown
  }
}

function stepCall(id: string, step: LifecycleStep) {
  const path = pathOf('api', 'v1', 'users', id, 'lifecycle', step)
  const call = { method: 'POST', path, right: oktaRights[step] } as const
  switch (step) {
    case 'deactivate':
      // People with many applications take long.
      return { ...call, query: { sendEmail: 'false' }, headers: { prefer: 'respond-async' } }
    case 'activate':
      return { ...call, query: { sendEmail: 'false' } }
    case 'suspend':
    case 'unsuspend':
    case 'unlock':
      return call
  }
}

/** A role that reaches everybody else does not reach administrators: the sentence should say so. */
async function explained(
  { client }: OktaDeps,
  id: string,
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof ConnectorError) || error.code !== 'not_permitted') return error
  const roles = await readRoles(client, id, signal).catch(() => [])
  if (roles.length === 0) return error
  const where = `over people with admin roles, ${error.facts.where ?? ''}`.replace(/, $/, '')
  return new ConnectorError('not_permitted', error.message, { ...error.facts, where }, error)
}

const away: ReadonlySet<string> = new Set(['unavailable', 'timed_out', 'unknown_outcome'])

/** Reads the account once it is at rest. Not being able to look is an answer of its own, not a failure of the change. */
export async function lookAgain(
  deps: OktaDeps,
  id: string,
  isWanted: (user: OktaUser) => boolean,
  signal: AbortSignal,
): Promise<{ readonly readBack: ReadBack; readonly user: OktaUser | undefined }> {
  try {
    const user = await readAtRest(deps, id, signal)
    return { readBack: isWanted(user) ? 'verified' : 'drifted', user }
  } catch (error) {
    if (!(error instanceof ConnectorError) || !away.has(error.code)) throw error
    return { readBack: 'unreachable', user: undefined }
  }
}
