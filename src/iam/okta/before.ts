import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { Reached } from '#src/iam/okta/lifecycle.ts'
import type { PlannedUndo } from '#src/iam/okta/plan.ts'
import { oktaStatuses, type OktaUser } from '#src/iam/okta/user.ts'

/** What a change replaced, and what it was about to do. Kept as JSON. */
const OktaBefore = z.object({
  v: z.literal(1),
  status: z.enum(oktaStatuses),
  statusChanged: z.string().nullable(),
  provider: z.string().nullable(),
  means: z.enum(['suspend', 'deactivate', 'expire_password', 'nothing']),
})
/** A before-image of this connector. */
export type OktaBefore = z.infer<typeof OktaBefore>

/** The before-image of an account about which something is going to be done. Pure. */
export function imageOf(user: OktaUser, means: OktaBefore['means']): OktaBefore {
  const { status, statusChanged, provider } = user
  return {
    v: 1,
    status,
    statusChanged: statusChanged ?? null,
    provider: provider?.type ?? null,
    means,
  }
}

/** What Disable is about to do. Pure. */
export function meansOf(plan: Reached['plan']): 'suspend' | 'deactivate' | 'nothing' {
  if (plan.kind !== 'steps') return 'nothing'
  return plan.steps.includes('deactivate') ? 'deactivate' : 'suspend'
}

/** Reads a kept before-image. Throws `bad_response` when it is none. */
export function readBefore(kept: unknown): OktaBefore {
  const parsed = OktaBefore.safeParse(kept)
  if (parsed.success) return parsed.data
  throw new ConnectorError('bad_response', 'The before-image is not readable', {
    detail: 'before_image_unreadable',
  })
}

/** What Enable needs of it. Pure. */
export function undoOf({ status, means }: OktaBefore): PlannedUndo {
  return { status, means: means === 'expire_password' ? 'nothing' : means }
}
