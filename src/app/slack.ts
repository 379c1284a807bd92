import { firstSeen } from '#db/queries/seen-requests.ts'
import type { Store } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import type { Clock } from '#src/clock.ts'
import type { Config } from '#src/config.ts'
import { newId } from '#src/ids.ts'
import { largestFile } from '#src/local-users/csv-file.ts'
import type { Log } from '#src/log.ts'
import { enqueueLine } from '#src/outbox/outbox.ts'
import { type Actor, type HomeWorkspace, type Role, SlackAwayError } from '#src/people/actor.ts'
import { createLastOwner } from '#src/people/owners.ts'
import { findActor } from '#src/people/roles.ts'
import { createSlackApp, type SlackApp } from '#src/slack/app.ts'
import { createSlackClients } from '#src/slack/clients.ts'
import type { LateAnswer, Refusal } from '#src/slack/context.ts'
import { createSlackDelivery } from '#src/slack/deliver.ts'
import { createDownload } from '#src/slack/download.ts'
import { listeners } from '#src/slack/listeners.ts'
import { createSlackPeople } from '#src/slack/people.ts'
import type { Services } from '#src/slack/services.ts'

// Slack refuses requests older than five minutes; a replay is remembered for longer than that.
const replayMs = 15 * 60_000

/** What everybody who asks or tells Slack something needs. */
export interface SlackWiring {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
}

/** The calls that we make to Slack; `home` is the bot's workspace, which Slack tells once it was reached. */
export type SlackCalls = ReturnType<typeof slackCalls>

/** Wires what asks and tells Slack something; contacts nothing yet. */
export function slackCalls(
  wiring: SlackWiring & { readonly home: () => (HomeWorkspace & { readonly botId: string }) | undefined },
) {
  const { config, clock, log, home } = wiring
  const { slack: settings, roles: roleLists } = config
  const clients = createSlackClients({ botToken: settings.botToken.reveal(), apiUrl: settings.apiUrl, log })
  const people = createSlackPeople({ call: clients.people, clock, log })
  return {
    clients,
    people,
    /** Throws `SlackAwayError` as long as the workspace is not known. */
    findActor: async (
      userId: string,
      how: { maxAgeMs: number; signal: AbortSignal; wanted?: readonly Role[] },
    ): Promise<Actor> => {
      const known = home()
      if (known === undefined) throw new SlackAwayError('Slack has not told yet which workspace this is')
      return await findActor({ people, home: known, roleLists }, userId, how)
    },
    lastOwner: createLastOwner({ people, home, owners: roleLists.owner, log }),
    fetchFile: createDownload({
      botToken: settings.botToken.reveal(),
      hosts: settings.fileHosts,
      allowPlain: settings.apiUrl.startsWith('http:'),
      largestBytes: largestFile,
    }),
    delivery: createSlackDelivery({ call: clients.delivery, clock, log, botId: () => home()?.botId }),
  }
}

/** Wires what people in Slack set off; `start` of the answer connects. */
export function slackApp(
  wiring: SlackWiring & {
    readonly store: Store
    readonly calls: SlackCalls
    readonly services: Omit<Services, 'people' | 'findActor' | 'fetchFile'>
  },
): SlackApp {
  const { config, clock, log, store, calls } = wiring
  const { people, findActor: lookUp, fetchFile, clients } = calls
  return createSlackApp({
    settings: config.slack,
    listeners,
    services: { ...wiring.services, people, findActor: lookUp, fetchFile },
    findActor: (home) => (sender, how) =>
      findActor({ people, home, roleLists: config.roles }, sender.userId, how),
    later: (late) => keepAnswer(store, clock, late),
    refused: (refusal) => recordRefusal(store, clock, refusal),
    firstSeen: (key) => {
      const now = clock.now()
      return store.write((ctx) => firstSeen(ctx, key, new Date(now.getTime() + replayMs), now))
    },
    log,
    clock,
    clients,
  })
}

/** An answer that Slack did not take in time goes the way of all messages. */
async function keepAnswer(store: Store, clock: Clock, late: LateAnswer): Promise<void> {
  await store.write((ctx) =>
    enqueueLine(ctx, clock, {
      stream: `answer:${newId()}`,
      lane: 'direct',
      message: {
        v: 1,
        kind: 'answer',
        responseUrl: late.responseUrl ?? null,
        endsAt: late.responseUrlEndsAt?.toISOString() ?? null,
        userId: late.userId,
        text: late.answer.text,
      },
    }),
  )
}

async function recordRefusal(store: Store, clock: Clock, refusal: Refusal): Promise<void> {
  const { userId: actor, taskId, tried, code } = refusal
  const event = {
    kind: 'refused',
    actor,
    facts: { tried, code },
    ...(taskId !== undefined && { taskId }),
  } as const
  await store.write((ctx) => record(ctx, clock.now(), event))
}
