import { usersWithFactor } from '#db/queries/second-factors.ts'
import { type BindingWithUser, bindingsWithUsers } from '#db/queries/slack-bindings.ts'
import type { Store } from '#db/store.ts'
import { type Actor, assertRole, isUserGroup, type SlackPeople } from '#src/people/actor.ts'

/** How somebody in Slack stands to a local user, whose codes they can show when they decide. */
export type ApproverLink = { readonly slackUserId: string; readonly isApprover: boolean } & (
  | { readonly kind: 'none' }
  /** They showed who they are, and wait for an owner's word. */
  | { readonly kind: 'asked'; readonly requestId: string; readonly email: string; readonly askedAt: Date }
  | {
      readonly kind: 'linked'
      readonly requestId: string
      readonly email: string
      readonly confirmedAt: Date
      readonly confirmedBy: string
      /** Why they can show no code all the same. */
      readonly problem: 'disabled' | 'no_app' | undefined
    }
)

const order = ['asked', 'none', 'linked'] as const
const maxAgeMs = 60_000

/**
 * All approvers, as Slack knows the groups now, and whoever is linked without being one; those who need somebody's help come
 * first. Throws `UserError('not_allowed')` for others than owners, and `SlackAwayError`.
 */
export async function listBindings(
  deps: { readonly store: Store; readonly people: SlackPeople; readonly approvers: readonly string[] },
  actor: Actor,
  signal: AbortSignal,
): Promise<readonly ApproverLink[]> {
  assertRole(actor, 'owner')
  const members = await Promise.all(
    deps.approvers.map(async (id) =>
      isUserGroup(id) ? await deps.people.groupMembers(id, { maxAgeMs, signal }) : [id],
    ),
  )
  const approvers = new Set(members.flat())
  const { rows, withApp } = await deps.store.read(async (ctx) => {
    const found = await bindingsWithUsers(ctx)
    const ids = found.map(({ binding }) => binding.userId)
    return { rows: found, withApp: new Set(await usersWithFactor(ctx, ids, 'totp')) }
  })
  const bound = new Set(rows.map(({ binding }) => binding.slackUserId))
  const unbound = [...approvers].filter((id) => !bound.has(id))
  const all: readonly ApproverLink[] = [
    ...rows.map((row) => linkOf(row, approvers.has(row.binding.slackUserId), withApp)),
    ...unbound.map((slackUserId) => ({ kind: 'none', slackUserId, isApprover: true }) as const),
  ]
  return all.toSorted((one, other) => rankOf(one) - rankOf(other))
}

function linkOf(
  { binding, email, state }: BindingWithUser,
  isApprover: boolean,
  withApp: ReadonlySet<string>,
): ApproverLink {
  const { slackUserId, requestId, userId, createdAt, confirmedAt, confirmedBy } = binding
  const who = { slackUserId, isApprover, requestId, email }
  if (binding.state !== 'confirmed' || confirmedAt === null || confirmedBy === null)
    return { kind: 'asked', ...who, askedAt: createdAt }
  const problem = state === 'enabled' ? (withApp.has(userId) ? undefined : 'no_app') : 'disabled'
  return { kind: 'linked', ...who, confirmedAt, confirmedBy, problem }
}

function rankOf(link: ApproverLink): number {
  const needsNobody = link.kind === 'linked' && link.problem === undefined && link.isApprover
  return needsNobody ? order.length : order.indexOf(link.kind)
}
