import type { ShortcutListener } from '#src/slack/define.ts'
import {
  acknowledge,
  admit,
  answerPerson,
  type Edge,
  listenerSignal,
  type Recipient,
  refuseStranger,
  sentenceFor,
  strangerSentence,
} from '#src/slack/listening/edge.ts'
import { originOf, type ShortcutUse } from '#src/slack/listening/payloads.ts'
import { openForm, sayInForm, type Trigger } from '#src/slack/listening/views.ts'

/** Runs one shortcut from ack to answer; without a listener it says so. Never throws. */
export async function runShortcut<S>(
  edge: Edge<S>,
  listener: ShortcutListener<S> | undefined,
  body: ShortcutUse,
  ack: () => Promise<void>,
): Promise<void> {
  const origin = originOf(body)
  const { sender } = origin
  const to: Recipient = { sender, responseUrl: body.response_url, receivedAt: edge.clock.now() }
  const attempt = { userId: body.user.id, tried: body.callback_id }
  await acknowledge(edge, ack)
  if (await refuseStranger(edge, origin, attempt)) return answerPerson(edge, to, { text: strangerSentence })
  if (listener === undefined) {
    edge.log.warn(attempt, 'No listener for a shortcut')
    return answerPerson(edge, to, {
      text: 'This version of Drawbridge does not have this shortcut. Please use a command instead.',
    })
  }

  const trigger: Trigger = { id: body.trigger_id, method: 'views.open', again: 'use the shortcut again' }
  const loading = listener.loadingView()
  const title = loading.title.text
  let form: Parameters<typeof sayInForm>[1] | undefined
  try {
    const view = await openForm(edge.views, trigger, loading)
    form = { view, title }
    const signal = listenerSignal(edge)
    const actor = await admit(edge, sender, listener.right, signal)
    const { services, log } = edge
    const channelId = body.channel?.id ?? sender.userId
    await listener.run(body.message ?? undefined, { actor, services, log, signal, channelId, view })
  } catch (error) {
    const sentence = await sentenceFor(edge, error, attempt)
    if (form === undefined) return answerPerson(edge, to, { text: sentence })
    await sayInForm(edge, form, to, sentence)
  }
}
