import { complain } from '#src/sandbox/slack/calls.ts'
import { setTimeout as wait } from 'node:timers/promises'
import type { Json } from '#src/sandbox/json.ts'
import { text } from '#src/sandbox/json.ts'
import type { Carrier, FailedDelivery } from '#src/sandbox/slack/wire/carrier.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** The Events API. */
export interface Events {
  /**
   * Tells the app about something, if it subscribed to it. Ends with the first try; nobody's answer is retried three times in the
   * background, with the same `event_id`.
   */
  readonly send: (event: Json & { readonly type: string }) => Promise<void>
}

/** Sends events over the given carrier. Retries end when `signal` aborts. */
export function createEvents(world: World, carrier: Carrier, signal: AbortSignal): Events {
  const again = async (payload: Json, first: FailedDelivery): Promise<void> => {
    let failed = first
    for (const [index, delayMs] of world.limits.eventRetriesMs.entries()) {
      await wait(delayMs, undefined, { signal, ref: false })
      const reason =
        failed.error === 'operation_timeout' ? ('http_timeout' as const) : ('http_error' as const)
      const retry = { attempt: index + 1, reason }
      const delivery = await carrier.send({ kind: 'events_api', payload, retry })
      if (delivery.kind === 'acknowledged' || signal.aborted) return
      failed = delivery
    }
    complain(world, `nobody took the event ${text(payload['event_id'])}`)
  }
  return {
    send: async (event) => {
      if (!world.settings.events.has(event.type)) return
      const payload = envelope(world, event)
      const delivery = await carrier.send({ kind: 'events_api', payload })
      if (delivery.kind === 'failed') void again(payload, delivery).catch(() => undefined)
    },
  }
}

function envelope(world: World, event: Json): Json {
  return {
    token: world.app.verificationToken,
    team_id: world.team.id,
    context_team_id: world.team.id,
    api_app_id: world.app.id,
    event,
    type: 'event_callback',
    event_id: world.ids.id('Ev'),
    event_time: Math.floor(world.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: world.team.id,
        user_id: world.app.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  }
}
