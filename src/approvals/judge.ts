import { decisionsOfTask, type DecisionRow } from '#db/queries/decisions.ts'
import { UserError } from '#src/errors.ts'
import { type Actor, type Role, SlackAwayError } from '#src/people/actor.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'

/** What the deciding job needs beside the task: the live look-up of a person. */
export interface DecideDeps extends TaskDeps {
  findActor(
    userId: string,
    options: { maxAgeMs: number; signal: AbortSignal; wanted: readonly Role[] },
  ): Promise<Actor>
}

/** A decision that waits, with what Slack says now about whoever gave it. */
export type Judged = { readonly decision: DecisionRow } & (
  | { readonly kind: 'known'; readonly actor: Actor }
  /** Somebody who may never act here. */
  | { readonly kind: 'refused'; readonly error: UserError }
  | { readonly kind: 'away'; readonly error: SlackAwayError }
)

/**
 * Looks up live who gave this decision and those before it that still wait, oldest first: after an outage they are counted in
 * the order in which they were given. Somebody whom Slack cannot tell while it tells the others holds up nobody.
 */
export async function judgeInOrder(
  deps: DecideDeps,
  decision: DecisionRow,
  signal: AbortSignal,
): Promise<{ readonly earlier: readonly Judged[]; readonly own: Judged }> {
  const all = await deps.store.read((ctx) => decisionsOfTask(ctx, decision.taskId))
  const before = all.slice(
    0,
    all.findIndex((one) => one.id === decision.id),
  )
  const first: Judged[] = []
  for (const one of before) if (one.state === 'pending') first.push(await judge(deps, one, signal))
  const own = await judge(deps, decision, signal)
  if (own.kind === 'away') return { earlier: [], own }
  // Slack may just have come back: whoever was asked about too early is asked about once more.
  const earlier: Judged[] = []
  for (const one of first) earlier.push(one.kind === 'away' ? await judge(deps, one.decision, signal) : one)
  return { earlier, own }
}

async function judge(deps: DecideDeps, decision: DecisionRow, signal: AbortSignal): Promise<Judged> {
  try {
    const how = { maxAgeMs: 0, signal, wanted: ['approver'] } as const
    return { decision, kind: 'known', actor: await deps.findActor(decision.approverId, how) }
  } catch (error) {
    if (error instanceof SlackAwayError) return { decision, kind: 'away', error }
    if (error instanceof UserError) return { decision, kind: 'refused', error }
    throw error
  }
}
