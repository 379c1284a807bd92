import type { WriteContext } from '#db/store.ts'
import { insertAuditEvent } from '#db/queries/audit.ts'

/**
 * What an audit event is about. Facts hold ids and outcomes; free text that people typed is kept with its task.
 */
export interface AuditEvent {
  readonly kind:
    | 'task_requested'
    | 'decision_attempted'
    | 'decision_counted'
    | 'decision_refused'
    | 'task_started'
    | 'task_finished'
    | 'task_expired'
    | 'task_cancelled'
    | 'enforcement_started'
    | 'enforcement_finished'
    | 'enforcement_retried'
    | 'drift_seen'
  /** The Slack user id, or `system`. */
  readonly actor: string
  readonly taskId?: string
  readonly facts: { readonly [key: string]: unknown }
}

/** Records what happened in the same transaction as the thing itself, so that neither is ever there alone. */
export async function record(ctx: WriteContext, at: Date, event: AuditEvent): Promise<void> {
  await insertAuditEvent(ctx, {
    at,
    kind: event.kind,
    actor: event.actor,
    taskId: event.taskId ?? null,
    facts: event.facts,
  })
}
