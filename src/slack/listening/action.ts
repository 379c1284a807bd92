import { UserError } from '#src/errors.ts'
import type { ActionContext, Answer, ModalView, OpenForm, ViewHandle } from '#src/slack/context.ts'
import type { ActionListener } from '#src/slack/define.ts'
import { notice } from '#src/slack/block-kit/modal.ts'
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
import { readElement } from '#src/slack/listening/form-state.ts'
import { type BlockActions, originOf } from '#src/slack/listening/payloads.ts'
import { openForm, openFormOf, sayInForm, type Trigger } from '#src/slack/listening/views.ts'

const staleSentence =
  'This button is from an earlier version of Drawbridge and no longer does anything. Please use a newer message.'
const again = 'press the button again'

/** Runs one click from ack to answer; without a listener it says that the button is stale. Never throws. */
export async function runAction<S>(
  edge: Edge<S>,
  listener: ActionListener<S> | undefined,
  body: BlockActions,
  ack: () => Promise<void>,
): Promise<void> {
  await acknowledge(edge, ack)
  const [action] = body.actions
  // A link button sends an action too; the link has opened already.
  if (listener === undefined && 'url' in action) return
  const origin = originOf(body)
  const to: Recipient = {
    sender: origin.sender,
    responseUrl: body.response_url,
    receivedAt: edge.clock.now(),
  }
  const attempt: Attempt = { userId: body.user.id, tried: action.action_id, about: readElement(action) }
  const facts = { action: action.action_id, userId: body.user.id }
  const where = placeOf(edge, body, to)
  if (await refuseStranger(edge, origin, attempt)) return where.answer({ text: strangerSentence })

  let form: { readonly view: ViewHandle; readonly title: string } | undefined
  try {
    const read = listener?.read(attempt.about) ?? { kind: 'stale', detail: 'no listener' }
    if (listener === undefined || read.kind === 'stale') {
      edge.log.warn(
        { ...facts, detail: read.kind === 'stale' ? read.detail : '' },
        'A click that nothing handles',
      )
      return await where.answer({ text: staleSentence })
    }
    if (read.loadingView !== undefined)
      form = { view: await where.open(read.loadingView), title: read.loadingView.title.text }
    const signal = listenerSignal(edge)
    const ctx: ActionContext<S> = {
      actor: await admit(edge, origin.sender, listener.right, signal),
      services: edge.services,
      log: edge.log,
      signal,
      message: messageOf(body),
      form: where.form,
      respond: where.answer,
      openView: where.open,
    }
    await read.run(ctx, form?.view)
  } catch (error) {
    const sentence = await sentenceFor(edge, error, attempt)
    if (form === undefined) return where.answer({ text: sentence })
    await sayInForm(edge, form, to, sentence)
  }
}

interface Place {
  readonly form: OpenForm | undefined
  readonly open: (view: ModalView) => Promise<ViewHandle>
  readonly answer: (answer: Answer) => Promise<void>
}

/** How a person is answered where the element stands: beside a message, on top of a form, over the Home tab. */
function placeOf(edge: Edge<unknown>, body: BlockActions, to: Recipient): Place {
  const inModal = body.view?.type === 'modal'
  const trigger: Trigger = { id: body.trigger_id, method: inModal ? 'views.push' : 'views.open', again }
  let spent = false
  const open: Place['open'] = async (view) => {
    if (spent) throw new Error('a trigger opens one form only')
    spent = true
    return openForm(edge.views, trigger, view)
  }
  const answer: Place['answer'] = async (said) => {
    if (to.responseUrl !== undefined || body.view === null || body.view === undefined || spent)
      return answerPerson(edge, to, said)
    try {
      await open(notice(body.view.title?.text ?? 'Drawbridge', said.text))
    } catch (error) {
      if (!(error instanceof UserError))
        edge.log.warn({ err: error }, 'Slack did not take a sentence on top of a form')
      await answerPerson(edge, to, said)
    }
  }
  return {
    form: inModal && body.view ? openFormOf(edge.views, body.view) : undefined,
    open,
    answer,
  }
}

function messageOf(body: BlockActions): ActionContext<unknown>['message'] {
  const channelId = body.container.channel_id ?? body.channel?.id
  const ts = body.container.message_ts ?? body.message?.ts
  if (channelId === undefined || ts === undefined) return undefined
  return {
    channelId,
    ts,
    threadTs: body.container.thread_ts ?? body.message?.thread_ts,
    isEphemeral: body.container.is_ephemeral === true,
  }
}
