import type { Clock } from '#src/clock.ts'
import { UserError, type UserErrorCode } from '#src/errors.ts'
import { assertRole, type Actor, type HomeWorkspace, SlackAwayError } from '#src/people/actor.ts'
import { SlackCallError, type SlackCall } from '#src/slack/clients.ts'
import type { Answer, FindActor, Later, Log, Refusal, Right, Sender } from '#src/slack/context.ts'
import { respondThrough, responseUrlLivesMs } from '#src/slack/respond.ts'
import { taskIdIn } from '#src/tasks/task-id.ts'
import { isFromHome, type Origin } from '#src/slack/listening/payloads.ts'

/** What all listeners share. */
export interface Edge<S> {
  readonly services: S
  readonly findActor: FindActor
  readonly home: HomeWorkspace
  readonly views: SlackCall
  readonly later: Later
  /** Records that somebody was refused. */
  readonly refused: (refusal: Refusal) => Promise<void>
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

/** What somebody typed or pressed. */
export interface Attempt {
  readonly userId: string
  /** The command, the button, the form. */
  readonly tried: string
  /** What the button or the form was about, as far as it names a task. */
  readonly about?: unknown
}

// What somebody may not do. Everything else that is refused is a mistake to mend, or too late.
const forbidden: ReadonlySet<UserErrorCode> = new Set<UserErrorCode>([
  ...(['not_allowed', 'not_a_member', 'own_request', 'about_you'] as const),
  ...(['protected', 'not_disabled_here'] as const),
])

/** Records a refusal and puts it into the log. Never throws: the person is refused all the same. */
export async function noteRefusal(
  edge: Edge<unknown>,
  code: UserErrorCode,
  { userId, tried, about }: Attempt,
): Promise<void> {
  edge.log.info({ userId, tried, code }, 'Refused')
  if (!forbidden.has(code)) return
  try {
    await edge.refused({ userId, tried, code, taskId: taskIdIn(JSON.stringify(about) ?? '') })
  } catch (error) {
    edge.log.error({ err: error, userId, tried, code }, 'A refusal could not be recorded')
  }
}

/** Whether a payload comes from another workspace. Then that is noted as a refusal; the caller says it. Never throws. */
export async function refuseStranger(
  edge: Edge<unknown>,
  origin: Origin,
  attempt: Attempt,
): Promise<boolean> {
  if (isFromHome(origin, edge.home)) return false
  const { userId, tried } = attempt
  edge.log.warn({ userId, tried, teamId: origin.sender.teamId }, 'Refused: another workspace')
  await noteRefusal(edge, 'not_a_member', attempt)
  return true
}

/** What a person reads when something was refused or failed; it is noted here, bugs with their stack and reference. */
export async function sentenceFor(edge: Edge<unknown>, error: unknown, attempt: Attempt): Promise<string> {
  const { about: _, ...facts } = attempt
  if (error instanceof UserError) {
    await noteRefusal(edge, error.code, attempt)
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
