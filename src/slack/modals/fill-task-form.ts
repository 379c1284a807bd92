import { SlackAwayError } from '#src/people/actor.ts'
import { UserError } from '#src/errors.ts'
import { accountKey } from '#src/iam/target.ts'
import type { Actor } from '#src/people/actor.ts'
import { freshMs } from '#src/people/roles.ts'
import { targetsLike } from '#db/queries/tasks.ts'
import type { ModalView, ViewHandle } from '#src/slack/context.ts'
import { taskForm } from '#src/slack/messages/task-form.ts'
import type { DisableChoices } from '#src/slack/messages/task-inputs.ts'
import { peopleForm } from '#src/slack/messages/people/form.ts'
import type { SlashText } from '#src/slack/request.ts'
import type { Services } from '#src/slack/services.ts'
import { disabledHere, type LookUp, lookUpPerson } from '#src/tasks/look-up.ts'
import { namesSeveral } from '#src/tasks/people/read-people.ts'
import type { Action } from '#src/tasks/task.ts'

/** Everything needed to draw a form anew. */
export interface FormRequest {
  readonly action: Action
  readonly actor: Actor
  readonly channelId: string
  readonly personText: string
  readonly description: string
  readonly choices: DisableChoices
}

/** Looks the person up in all systems and shows the match card in the open form. */
export async function fillTaskForm(
  services: Services,
  request: FormRequest,
  view: ViewHandle,
  signal: AbortSignal,
): Promise<void> {
  await view.update(await lookedUpForm(services, request, signal))
}

/** The form after a look-up: with the match card, or with a sentence about the name. */
export async function lookedUpForm(
  services: Services,
  request: FormRequest,
  signal: AbortSignal,
): Promise<ModalView> {
  if (namesSeveral(request.personText)) return peopleForm({ ...request, people: request.personText })
  if (request.personText.trim() === '') return await drawTaskForm(services, request, undefined)
  try {
    return await drawTaskForm(services, request, await lookUpPerson(services.tasks, request, signal))
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return await drawTaskForm(services, request, undefined, error.message)
  }
}

/** The form for a look-up that is there. */
export async function drawTaskForm(
  services: Services,
  request: FormRequest,
  lookUp: LookUp | undefined,
  problem?: string,
): Promise<ModalView> {
  const { rules, store } = services.tasks
  const { action, channelId } = request
  const ours =
    lookUp === undefined || action !== 'enable_account' || !rules.enableRequiresPriorDisable
      ? undefined
      : new Set((await store.read((ctx) => disabledHere(ctx, lookUp.found.accounts))).map(accountKey))
  return taskForm({
    meta: {
      action,
      channelId,
      lookUpId: lookUp?.id ?? null,
      ...(lookUp?.mayDeactivate === true && { fixed: true }),
    },
    personText: request.personText.slice(0, 512),
    description: request.description.slice(0, 512),
    choices: request.choices,
    lookUp,
    disabledHere: ours,
    problem,
    suggestions: lookUp === undefined ? [] : await suggestions(services, lookUp),
    approvers: rules.approval[action].approvers,
  })
}

/** Names of earlier targets that resemble one that nobody has; only ever suggested, never chosen. */
async function suggestions(services: Services, lookUp: LookUp): Promise<readonly string[]> {
  if (lookUp.found.accounts.length > 0) return []
  const start = lookUp.personText.slice(0, 3)
  if (start.length < 3) return []
  const near = await services.tasks.store.read((ctx) => targetsLike(ctx, start, 20))
  return near.filter((name) => name !== lookUp.personText && isNear(name, lookUp.personText)).slice(0, 3)
}

// One or two swapped, missing or wrong letters: what a hurried hand does.
function isNear(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  if (Math.abs(a.length - b.length) > 2) return false
  const sorted = (text: string) => text.split('').toSorted().join('')
  const near = a
    .split('')
    .filter((letter, index) => b.slice(Math.max(0, index - 1), index + 2).includes(letter))
  return sorted(a) === sorted(b) || near.length >= Math.max(a.length, b.length) - 2
}

/**
 * The name that the first word of a slash command means: what was typed, or the e-mail of the mentioned person's Slack
 * profile. Throws `UserError` for a mention that stands for no person with an e-mail of this workspace.
 */
export async function personNamed(services: Services, text: SlashText, signal: AbortSignal): Promise<string> {
  const { first } = text
  if (first === undefined) return ''
  if (first.kind === 'typed') return first.value
  const person = await mentioned(services, first.userId, signal)
  if (person === undefined)
    throw new UserError(
      'nobody_found',
      `Slack does not know ${first.userId}. Type an e-mail address or a login instead.`,
    )
  // By name: a form would show a mention as it is written. The name is foreign, and may be read as mrkdwn elsewhere.
  const who = person.name.replaceAll(/[<>&]/gu, '')
  if (person.bot)
    throw new UserError(
      'nobody_found',
      `${who} is an app, not a person. Type an e-mail address or a login instead.`,
    )
  if (person.stranger)
    throw new UserError(
      'nobody_found',
      `${who} belongs to another organisation. Type the e-mail address or login of the account here.`,
    )
  if (person.email === undefined)
    throw new UserError(
      'nobody_found',
      `The Slack profile of ${who} shows no e-mail address. Type an e-mail address or a login instead.`,
    )
  return person.email
}

async function mentioned(services: Services, userId: string, signal: AbortSignal) {
  try {
    return await services.people.person(userId, { maxAgeMs: freshMs, signal })
  } catch (error) {
    if (!(error instanceof SlackAwayError)) throw error
    throw new UserError(
      'slack_away',
      'Slack did not tell me who that is. Type an e-mail address or a login instead.',
    )
  }
}
