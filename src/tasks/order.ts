import type { IamConnector } from '#src/iam/connector.ts'
import type { Action, Enforcement } from '#src/tasks/task.ts'

/**
 * The order among a task's enforcements. An Entra account that an on-premises Active Directory masters is written back by
 * the next synchronization, so its Active Directory account goes first. Everything else is changed at the same time.
 */

type Placed = Pick<Enforcement, 'systemId' | 'status' | 'follows'>

/**
 * The Active Directory systems that may master a synchronized account of the system: the one that its configuration names,
 * otherwise all that are configured.
 */
export function masteringSystems(connectors: readonly IamConnector[], systemId: string): readonly string[] {
  const named = connectors.find((one) => one.system.id === systemId)?.synchronizedFrom
  if (named !== undefined) return [named]
  return connectors.filter((one) => one.system.kind === 'active-directory').map((one) => one.system.id)
}

/** Only these change what the synchronization writes back. */
function isOrdered(action: Action): boolean {
  return action === 'disable_account' || action === 'enable_account'
}

/** The enforcements that this one follows. Pure. */
export function leadersOf<T extends Placed>(action: Action, one: Placed, all: readonly T[]): readonly T[] {
  const { follows } = one
  if (follows === null || !isOrdered(action)) return []
  return all.filter((other) => follows.includes(other.systemId))
}

/** Whether an enforcement that this one follows has not ended yet. Pure. */
export function mustWait(action: Action, one: Placed, all: readonly Placed[]): boolean {
  return leadersOf(action, one, all).some(isOpen)
}

/** Whether the next synchronization will undo what was done: no account that masters this one was changed. Pure. */
export function willBeUndone(action: Action, one: Placed, all: readonly Placed[]): boolean {
  if (one.follows === null || !isOrdered(action)) return false
  return !leadersOf(action, one, all).some((other) => other.status === 'successful')
}

/** Those that follow others last, everything else as it was. Pure. */
export function leadersFirst<T extends Placed>(all: readonly T[]): readonly T[] {
  return all.toSorted((one, other) => Number(one.follows !== null) - Number(other.follows !== null))
}

/** Whether an enforcement has not ended yet. Pure. */
export function isOpen({ status }: Pick<Enforcement, 'status'>): boolean {
  return status === 'waiting' || status === 'running'
}
