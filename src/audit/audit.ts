import type { WriteContext } from '#db/store.ts'
import { insertAuditEvent, insertAuditEvents } from '#db/queries/audit.ts'

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
    | 'enforcement_held'
    | 'end_extended'
    | 'end_dropped'
    | 'end_reached'
    | 'drift_seen'
    /** A system that could not be asked what became of a change answered again: disabled. */
    | 'seen_again'
    /** An account turned out to need more approvals than the task has. */
    | 'approval_reopened'
    /** Somebody tried what they may not do. */
    | 'refused'
    | 'tasks_exported'
    | 'local_user_added'
    | 'local_user_described'
    | 'local_user_enabled'
    | 'local_user_disabled'
    | 'local_user_deleted'
    | 'local_user_link_renewed'
    | 'local_user_enrolled'
    | 'local_user_password_reset'
    | 'local_user_signed_out'
    | 'local_user_signed_in'
    /** A password, code or key that did not fit; for an address nobody has, without the address. */
    | 'local_sign_in_refused'
    /** Too many tries: from now on the next ones wait. */
    | 'local_sign_in_slowed'
    | 'local_user_password_changed'
    | 'local_password_change_refused'
    | 'local_user_link_asked'
    | 'local_setting_changed'
    | 'local_factor_added'
    | 'local_factor_renamed'
    | 'local_factor_removed'
    | 'local_factor_refused'
    | 'local_factors_reset'
    | 'recovery_codes_made'
    | 'recovery_code_used'
    | 'binding_asked'
    | 'binding_confirmed'
    | 'binding_removed'
    /** A link from Slack opened by a local user with another address than the Slack person's. */
    | 'binding_refused'
    | 'local_users_exported'
    | 'local_group_added'
    | 'local_group_changed'
    | 'local_group_deleted'
    | 'local_members_added'
    | 'local_members_removed'
    /** A person came to a service that signs in through us (OpenID Connect). */
    | 'relying_party_signed_in'
    /** A person ended on their own page what a service has of them. */
    | 'relying_party_ended'
    /** A person whom no rule lets in tried to. */
    | 'relying_party_refused'
    /** Too many wrong secrets of a service from one source: from now on the next ones wait. */
    | 'relying_party_slowed'
    /** A service was told that a sign-in has ended, or could not be. */
    | 'relying_party_told'
    | 'relying_party_not_told'
    /** A person came to a protected host. */
    | 'protected_host_signed_in'
    /** A person whom no rule lets in wanted to. */
    | 'protected_host_refused'
    | 'access_rule_added'
    | 'access_rule_removed'
    | 'batch_requested'
    | 'batch_started'
    | 'batch_finished'
    | 'batch_cancelled'
    | 'batch_refused'
  /** The Slack user id, or `system`. */
  readonly actor: string
  readonly taskId?: string
  readonly facts: { readonly [key: string]: unknown }
}

/** Records what happened in the same transaction as the thing itself, so that neither is ever there alone. */
export async function record(ctx: WriteContext, at: Date, event: AuditEvent): Promise<void> {
  await insertAuditEvent(ctx, rowOf(at, event))
}

/** Records several things that happened in one transaction, in their order. */
export async function recordAll(ctx: WriteContext, at: Date, events: readonly AuditEvent[]): Promise<void> {
  await insertAuditEvents(
    ctx,
    events.map((event) => rowOf(at, event)),
  )
}

function rowOf(at: Date, { kind, actor, taskId, facts }: AuditEvent) {
  return { at, kind, actor, taskId: taskId ?? null, facts }
}
