import { z } from 'zod'
import { Count, Duration, Filled, Flag, PersonOrGroup } from '#src/config/values.ts'

const members = z.array(PersonOrGroup).readonly().prefault([])

/** The `roles` section: who holds which role. */
export const Roles = z.strictObject({
  viewer: members,
  responder: members,
  approver: members,
  local_user_admin: members,
  owner: members,
})
export type Roles = z.output<typeof Roles>

function rule(approvers: number) {
  return z
    .strictObject({
      approvers: Count.prefault(approvers),
      expires_after: Duration.prefault('24h'),
      remind_after: Duration.prefault('15m'),
      escalate_after: Duration.prefault('30m'),
      step_up: Flag.prefault(false),
    })
    .transform((keys) => ({
      approvers: keys.approvers,
      expiresAfterMs: keys.expires_after,
      remindAfterMs: keys.remind_after,
      escalateAfterMs: keys.escalate_after,
      stepUp: keys.step_up,
    }))
    .prefault({})
}

/** The `approval` section: the rule per action, and who is told when nobody decides. */
export const Approval = z.strictObject({
  disable_account: rule(1),
  enable_account: rule(1),
  force_password_reset: rule(1),
  force_sign_out: rule(0),
  escalate_to: members,
})
export type Approval = z.output<typeof Approval>

const Entry = Filled.refine(
  (text) => !/^[a-z]+=[^,]*$/i.test(text),
  'This is a piece of a distinguished name. Put the whole entry in quotes, because it has commas.',
).refine(
  (text) => !text.startsWith('group:') || /^group:[^:]+:./.test(text),
  'Write groups as group:SYSTEM:ID, like group:corp-ad:CN=Admins,DC=corp,DC=example.',
)

/** The `protected_accounts` section. */
export const ProtectedAccounts = z
  .strictObject({
    deny: z.array(Entry).prefault([]),
    two_approvers: z.array(Entry).prefault([]),
    detected: z.enum(['deny', 'two_approvers']).prefault('deny'),
  })
  .transform((keys) => ({ deny: keys.deny, twoApprovers: keys.two_approvers, detected: keys.detected }))
export type ProtectedAccounts = z.output<typeof ProtectedAccounts>
