import type { Store, WriteContext } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import { UserError } from '#src/errors.ts'
import type { SystemRef } from '#src/iam/connector.ts'
import type { OutboxMessage } from '#src/outbox/message.ts'
import { enqueueNewest } from '#src/outbox/outbox.ts'
import type { Delivery, Limits } from '#src/outbox/relay.ts'
import { type Actor, SlackAwayError } from '#src/people/actor.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { type HomeFacts, readHome } from '#src/slack/home/facts.ts'
import { homeNotice, homeView, noRole } from '#src/slack/home/view.ts'
import { askToLook, isStale } from '#src/tasks/system-health.ts'

/** What publishing Home tabs works with. */
export interface HomeDeps {
  readonly store: Store
  readonly clock: Clock
  readonly slack: SlackDelivery
  readonly systems: readonly SystemRef[]
  findActor(userId: string, options: { maxAgeMs: number; signal: AbortSignal }): Promise<Actor>
}

/** What a Home tab's line calls. */
export const homeLimits: Limits = { pauseKeys: ['slack:views.publish'] }

// Slack does not say when somebody leaves the tab.
const watchedMs = 10 * 60_000
const busyMs = 5_000
const quietMs = 30_000
const actorMaxAgeMs = 60_000
const slackAwayMs = 10_000

/** Has somebody's Home tab shown; kept current while they may be looking. */
export async function showHome(
  { store, clock }: Pick<HomeDeps, 'store' | 'clock'>,
  userId: string,
): Promise<void> {
  await store.write((ctx) => line(ctx, clock, { userId, openedAt: clock.now().toISOString() }))
}

async function line(
  ctx: WriteContext,
  clock: Clock,
  { notBefore, ...facts }: { readonly userId: string; readonly openedAt: string; readonly notBefore?: Date },
): Promise<void> {
  const message = { v: 1, kind: 'home', ...facts } as const
  await enqueueNewest(ctx, clock, {
    stream: `home:${facts.userId}`,
    lane: 'direct',
    message,
    ...(notBefore !== undefined && { notBefore }),
  })
}

/** Publishes somebody's Home tab as it is true now, and sees to it that it is looked at again. */
export async function deliverHome(
  deps: HomeDeps,
  { userId, openedAt }: Extract<OutboxMessage, { kind: 'home' }>,
  signal: AbortSignal,
): Promise<Delivery> {
  const { clock, store, slack } = deps
  try {
    const actor = await deps.findActor(userId, { maxAgeMs: actorMaxAgeMs, signal })
    if (actor.roles.size === 0) return await slack.publishHome({ userId, view: homeNotice(noRole) })
    const facts = await readHome(deps, actor)
    const published = await slack.publishHome({ userId, view: homeView(facts) })
    if (published.kind !== 'sent') return published
    const now = clock.now()
    const stale = isStale(facts.systems, now)
    if (stale) await askToLook(deps)
    const watched = now.getTime() - new Date(openedAt).getTime() < watchedMs
    const inMs = stale || isBusy(facts) ? busyMs : quietMs
    if (watched)
      await store.write((ctx) =>
        line(ctx, clock, { userId, openedAt, notBefore: new Date(now.getTime() + inMs) }),
      )
    return published
  } catch (error) {
    if (error instanceof SlackAwayError)
      return { kind: 'later', until: new Date(clock.now().getTime() + (error.retryAfterMs ?? slackAwayMs)) }
    if (!(error instanceof UserError)) throw error
    return await slack.publishHome({ userId, view: homeNotice(error.message) })
  }
}

/** Whether something on it moves by itself. */
function isBusy({ running, waiting, localUsers }: HomeFacts): boolean {
  return running.total > 0 || (waiting?.total ?? 0) > 0 || (localUsers?.batches.length ?? 0) > 0
}
