import type { Clock } from '#src/clock.ts'
import { UserError } from '#src/errors.ts'
import { assertRole, type Actor, type HomeWorkspace, SlackAwayError } from '#src/people/actor.ts'
import { SlackCallError, type SlackCall } from '#src/slack/clients.ts'
import type { Answer, FindActor, Later, Log, Right, Sender } from '#src/slack/context.ts'
import { respondThrough, responseUrlLivesMs } from '#src/slack/respond.ts'

/** What all listeners share. */
export interface Edge<S> {
  readonly services: S
  readonly findActor: FindActor
  readonly home: HomeWorkspace
  readonly views: SlackCall
  readonly later: Later
  readonly log: Log
  readonly clock: Clock
  readonly newReference: () => string
  /** Aborts when Drawbridge stops. */
  readonly stopping: AbortSignal
  /** How long a submission may take before Slack is given a working view. */
  readonly submitDeadlineMs: number
}

/** Where a person can be answered. */
export interface Recipient {
  readonly sender: Sender
  readonly responseUrl: string | undefined
  readonly receivedAt: Date
}

// A click's rights may be judged by an answer of Slack that is a minute old; decisions look again, live, in their job.
const actorMaxAgeMs = 60_000
const listenerLimitMs = 60_000

/** The signal of one listener: the stop of the process or the end of its time. */
export function listenerSignal(edge: Edge<unknown>): AbortSignal {
  return AbortSignal.any([edge.stopping, AbortSignal.timeout(listenerLimitMs)])
}

/** Looks the sender up and checks the right. Throws `UserError` or `SlackAwayError`. */
export async function admit(
  edge: Edge<unknown>,
  sender: Sender,
  right: Right,
  signal: AbortSignal,
): Promise<Actor> {
  if (right === 'judged_later') {
    const { userId, teamId, enterpriseId } = sender
    return { userId, teamId, enterpriseId, name: userId, email: undefined, tz: undefined, roles: new Set() }
  }
  const actor = await edge.findActor(sender, { maxAgeMs: actorMaxAgeMs, signal })
  if (right !== 'anyone') assertRole(actor, ...(typeof right === 'string' ? [right] : right))
  return actor
}

/** Answers a person; when Slack does not take it now, hands it on to arrive later. Never throws. */
export async function answerPerson(edge: Edge<unknown>, to: Recipient, answer: Answer): Promise<void> {
  try {
    if (to.responseUrl !== undefined) return await respondThrough(to.responseUrl, answer)
  } catch (error) {
    edge.log.warn(
      { err: error, userId: to.sender.userId },
      'Slack did not take an answer; it is kept for later',
    )
  }
  try {
    await edge.later({
      userId: to.sender.userId,
      teamId: to.sender.teamId,
      responseUrl: to.responseUrl,
      responseUrlEndsAt:
        to.responseUrl === undefined ? undefined : new Date(to.receivedAt.getTime() + responseUrlLivesMs),
      answer,
    })
  } catch (error) {
    edge.log.error({ err: error, userId: to.sender.userId }, 'An answer could be neither given nor kept')
  }
}

/** What a person reads when something was refused or failed; it is logged here, bugs with their stack and reference. */
export function sentenceFor(edge: Edge<unknown>, error: unknown, facts: object): string {
  if (error instanceof UserError) {
    edge.log.info({ ...facts, code: error.code }, 'Refused')
    return error.message
  }
  if (error instanceof SlackAwayError) {
    edge.log.warn({ ...facts, err: error }, 'Slack could not be asked about a person')
    return 'Slack did not tell me who you are just now, so I did nothing. Please try again in a minute.'
  }
  if (error instanceof SlackCallError && error.problem.kind !== 'platform') {
    edge.log.warn({ ...facts, err: error }, 'Slack did not take an answer')
    return 'Slack did not take my answer just now. Close the form if one is open, and try again in a minute.'
  }
  const reference = edge.newReference()
  edge.log.error({ ...facts, err: error, reference }, 'Something went wrong')
  return `Something went wrong on my side. Reference ${reference}: the log has the details.`
}

/** Acknowledges; a connection that went away meanwhile is no reason to stop. */
export async function acknowledge(edge: Edge<unknown>, ack: () => Promise<void>): Promise<void> {
  try {
    await ack()
  } catch (error) {
    edge.log.warn({ err: error }, 'Slack did not take an acknowledgement')
  }
}

/** What people of other workspaces read. */
export const strangerSentence =
  'I take requests from members of this workspace only. Please ask somebody who belongs to it.'
