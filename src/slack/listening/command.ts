import type { CommandContext, ModalView, ViewHandle } from '#src/slack/context.ts'
import type { CommandListener } from '#src/slack/define.ts'
import {
  acknowledge,
  admit,
  answerPerson,
  type Attempt,
  type Edge,
  listenerSignal,
  type Recipient,
  refuseStranger,
  sentenceFor,
  strangerSentence,
} from '#src/slack/listening/edge.ts'
import { originOfCommand, type SlashCommand } from '#src/slack/listening/payloads.ts'
import { openForm, sayInForm, type Trigger } from '#src/slack/listening/views.ts'
import { parseSlashText } from '#src/slack/request.ts'

/** Runs one slash command from ack to answer. Never throws; whatever happens, the person reads something. */
export async function runCommand<S>(
  edge: Edge<S>,
  listener: CommandListener<S>,
  body: SlashCommand,
  ack: () => Promise<void>,
): Promise<void> {
  const origin = originOfCommand(body)
  const to: Recipient = {
    sender: origin.sender,
    responseUrl: body.response_url,
    receivedAt: edge.clock.now(),
  }
  const attempt: Attempt = { userId: body.user_id, tried: listener.name }
  await acknowledge(edge, ack)
  if (await refuseStranger(edge, origin, attempt)) return answerPerson(edge, to, { text: strangerSentence })
  const text = parseSlashText(body.text)
  if (text.text.toLowerCase() === 'help') return answerPerson(edge, to, { text: listener.help })

  const trigger: Trigger = { id: body.trigger_id, method: 'views.open', again: 'type the command again' }
  let form: { readonly view: ViewHandle; readonly title: string } | undefined
  try {
    const loading = listener.loadingView?.(text)
    if (loading !== undefined)
      form = { view: await openForm(edge.views, trigger, loading), title: loading.title.text }
    const signal = listenerSignal(edge)
    const ctx: CommandContext<S> = {
      actor: await admit(edge, origin.sender, listener.right, signal),
      services: edge.services,
      log: edge.log,
      signal,
      channelId: body.channel_id,
      respond: (answer) => answerPerson(edge, to, answer),
      openView: (view: ModalView) => openForm(edge.views, trigger, view),
    }
    await listener.run(text, ctx, form?.view)
  } catch (error) {
    const sentence = await sentenceFor(edge, error, attempt)
    if (form === undefined) return answerPerson(edge, to, { text: sentence })
    await sayInForm(edge, form, to, sentence)
  }
}

/** Answers a command that is installed in Slack but that this version does not have. */
export async function runUnknownCommand(
  edge: Edge<unknown>,
  body: SlashCommand,
  ack: () => Promise<void>,
): Promise<void> {
  await acknowledge(edge, ack)
  edge.log.warn({ command: body.command, userId: body.user_id }, 'No listener for a command')
  const to: Recipient = {
    sender: originOfCommand(body).sender,
    responseUrl: body.response_url,
    receivedAt: edge.clock.now(),
  }
  await answerPerson(edge, to, {
    text: `This version of Drawbridge does not have ${body.command}. The Slack app's manifest is probably from another version.`,
  })
}
