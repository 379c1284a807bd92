import { UserError } from '#src/errors.ts'
import type { ShortcutContext, ShortcutMessage } from '#src/slack/context.ts'
import { peopleForm } from '#src/slack/messages/people/form.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'
import { drawTaskForm, fillTaskForm, personNamed } from '#src/slack/modals/fill-task-form.ts'
import { type NamedInMessage, peopleInMessage } from '#src/slack/people-in-message.ts'
import type { Services } from '#src/slack/services.ts'
import { longestPaste } from '#src/tasks/people/read-people.ts'
import type { Action } from '#src/tasks/task.ts'

// Each mention is a question to Slack while somebody looks at a form that says "Looking …".
const mostMentions = 20

/**
 * Fills an open form with whom a message names: nobody, with a sentence; one person, looked up in all systems; several, as
 * a list from which the responder takes out who is not meant. Nothing is chosen for anybody.
 */
export async function fillFromMessage(
  action: Action,
  message: ShortcutMessage | undefined,
  ctx: ShortcutContext<Services>,
): Promise<void> {
  const { actor, channelId, services, signal, view } = ctx
  const { names, problems } = await readNames(message, ctx)
  const [first, second] = names
  const request = { action, actor, channelId, description: '', choices: usualChoices }
  if (first !== undefined && second === undefined && problems.length === 0)
    return await fillTaskForm(services, { ...request, personText: first }, view, signal)
  if (first === undefined) {
    const nobody =
      message === undefined ? [] : ['This message names nobody by an e-mail address or a mention.']
    const problem = problems.length > 0 ? problems : nobody
    const empty = { ...request, personText: '' }
    await view.update(
      await drawTaskForm(services, empty, undefined, problem.length > 0 ? problem.join(' ') : undefined),
    )
    return
  }
  const { text, more } = fitting(names)
  const notes = [
    'These stand in the message. Take out who is not meant.',
    ...(more === 0 ? [] : [`${more} more do not fit here: use a CSV file for them.`]),
    ...problems,
  ]
  await view.update(peopleForm({ ...request, people: text, notes }))
}

async function readNames(message: ShortcutMessage | undefined, ctx: ShortcutContext<Services>) {
  const named = message === undefined ? [] : peopleInMessage(message)
  const mentions = named.filter((one) => one.kind === 'mention')
  const asked = new Set(mentions.slice(0, mostMentions))
  const names = new Map<string, string>()
  const problems: string[] = []
  const nameOf = async (one: NamedInMessage) => {
    if (one.kind === 'address') return one.address
    const { userId } = one
    if (!asked.has(one)) return undefined
    const text = { text: '', first: { kind: 'mention', userId } as const, rest: '' }
    return await personNamed(ctx.services, text, ctx.signal).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error
      problems.push(error.message)
      return undefined
    })
  }
  for (const one of named) {
    const name = await nameOf(one)
    if (name !== undefined && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  const unasked = mentions.length - asked.size
  if (unasked > 0) problems.push(`${unasked} more people are mentioned; add their addresses.`)
  return { names: [...names.values()], problems }
}

/** As many names as the field takes, one to a line, and how many more there are. */
function fitting(names: readonly string[]): { readonly text: string; readonly more: number } {
  const lengths = names.map((name) => name.length + 1)
  let fit = 0
  for (let total = 0; fit < names.length; fit += 1) {
    total += lengths[fit] ?? 0
    if (total > longestPaste + 1) break
  }
  return { text: names.slice(0, fit).join('\n'), more: names.length - fit }
}
