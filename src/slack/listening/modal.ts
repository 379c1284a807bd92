import type { ViewResponseAction } from '@slack/bolt'
import { UserError } from '#src/errors.ts'
import { notice } from '#src/slack/block-kit/modal.ts'
import type { ModalContext, ModalView, SubmitAnswer, ViewHandle } from '#src/slack/context.ts'
import type { ModalListener } from '#src/slack/define.ts'
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
import { type OpenedView, originOf, type ViewSubmission } from '#src/slack/listening/payloads.ts'
import { openFormOf } from '#src/slack/listening/views.ts'
import { cut } from '#src/slack/text.ts'

const staleSentence =
  'This form is from an earlier version of Drawbridge. Nothing was done. Please open it again.'

/** Runs one submission: answers Slack within the deadline, with a working view when the decision takes longer. Never throws. */
export async function runSubmission<S>(
  edge: Edge<S>,
  listener: ModalListener<S> | undefined,
  body: ViewSubmission,
  ack: (response?: ViewResponseAction) => Promise<void>,
): Promise<void> {
  const receivedAt = edge.clock.now()
  const work = decide(edge, listener, body)
  const inTime = await Promise.race([work, deadline(edge.submitDeadlineMs)])
  if (inTime !== undefined) {
    await acknowledge(edge, () => ack(responseAction(inTime, body.view)))
    return afterwards(edge, inTime, body)
  }
  const working = notice(
    titleOf(body.view),
    'Working on it. This form will tell how it went; you may also close it.',
  )
  await acknowledge(edge, () => ack({ response_action: 'update', view: working }))
  const answer = await work
  await showLate(edge, answer, body, receivedAt)
  await afterwards(edge, answer, body)
}

/** What the submission came to; every refusal and failure has become an answer. Never throws. */
async function decide<S>(
  edge: Edge<S>,
  listener: ModalListener<S> | undefined,
  body: ViewSubmission,
): Promise<SubmitAnswer> {
  const origin = originOf(body)
  const attempt = attemptOf(body)
  const { tried: modal, userId } = attempt
  const facts = { modal, userId }
  const say = (sentence: string): SubmitAnswer => ({
    kind: 'update',
    view: notice(titleOf(body.view), sentence),
  })
  if (await refuseStranger(edge, origin, attempt)) return say(strangerSentence)
  try {
    const form = openFormOf(edge.views, body.view)
    const read = listener?.read(form) ?? { kind: 'stale', detail: 'no listener' }
    if (listener === undefined || read.kind === 'stale') {
      edge.log.warn(
        { ...facts, detail: read.kind === 'stale' ? read.detail : '' },
        'A form that nothing handles',
      )
      return say(staleSentence)
    }
    if (read.kind === 'issues') return { kind: 'errors', errors: read.errors }
    const signal = listenerSignal(edge)
    const ctx: ModalContext<S> = {
      actor: await admit(edge, origin.sender, listener.right, signal),
      services: edge.services,
      log: edge.log,
      signal,
      form,
    }
    return await read.submit(ctx)
  } catch (error) {
    const sentence = await sentenceFor(edge, error, attempt)
    return { kind: 'errors', errors: { [error instanceof UserError ? (error.field ?? '') : '']: sentence } }
  }
}

function attemptOf({ view, user }: ViewSubmission): Attempt {
  return { userId: user.id, tried: view.callback_id, about: view.private_metadata }
}

function deadline(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms).unref()
  })
}

function titleOf(view: OpenedView): string {
  return view.title?.text ?? 'Drawbridge'
}

// Slack takes sentences only under inputs; what has no input of its own goes under the first.
function underInputs(
  errors: Readonly<Record<string, string>>,
  view: OpenedView,
): Record<string, string> | undefined {
  const inputs = view.blocks.flatMap((block) =>
    block.type === 'input' && block.block_id !== undefined ? [block.block_id] : [],
  )
  const first = inputs[0]
  if (first === undefined) return undefined
  const placed: Record<string, string> = {}
  for (const [key, sentence] of Object.entries(errors)) {
    const id = inputs.includes(key) ? key : first
    placed[id] = cut(placed[id] === undefined ? sentence : `${placed[id]} ${sentence}`, 1000)
  }
  return placed
}

function allSentences(errors: Readonly<Record<string, string>>): string {
  return [...new Set(Object.values(errors))].join(' ')
}

function responseAction(answer: SubmitAnswer, view: OpenedView): ViewResponseAction | undefined {
  switch (answer.kind) {
    case 'close':
      return undefined
    case 'clear':
      return { response_action: 'clear' }
    case 'update':
      return { response_action: 'update', view: answer.view }
    case 'push':
      return { response_action: 'push', view: answer.view }
    case 'errors': {
      const errors = underInputs(answer.errors, view)
      if (errors !== undefined) return { response_action: 'errors', errors }
      return { response_action: 'update', view: notice(titleOf(view), allSentences(answer.errors)) }
    }
  }
}

/** Shows in the working view what the submission came to; when Slack does not take it, it arrives as a message. */
async function showLate(
  edge: Edge<unknown>,
  answer: SubmitAnswer,
  body: ViewSubmission,
  receivedAt: Date,
): Promise<void> {
  const { view, sentence } = lateView(answer, body.view)
  const to: Recipient = { sender: originOf(body).sender, responseUrl: undefined, receivedAt }
  try {
    const seen = await openFormOf(edge.views, body.view).update(view)
    if (seen === 'shown' || answer.kind !== 'errors') return
  } catch (error) {
    edge.log.warn({ err: error }, 'Slack did not take the outcome of a form')
  }
  await answerPerson(edge, to, { text: sentence })
}

function lateView(
  answer: SubmitAnswer,
  view: OpenedView,
): { readonly view: ModalView; readonly sentence: string } {
  const done = `${titleOf(view)}: it is done.`
  switch (answer.kind) {
    case 'close':
    case 'clear':
      return { view: notice(titleOf(view), 'It is done. You can close this form.'), sentence: done }
    case 'update':
    case 'push':
      return { view: answer.view, sentence: done }
    case 'errors': {
      const sentence = `${allSentences(answer.errors)} Please open the form again.`
      return { view: notice(titleOf(view), sentence), sentence: `${titleOf(view)}: ${sentence}` }
    }
  }
}

/** Runs what a submission left for after its answer. Never throws. */
async function afterwards(edge: Edge<unknown>, answer: SubmitAnswer, body: ViewSubmission): Promise<void> {
  if (answer.kind === 'errors' || answer.kind === 'push' || answer.afterwards === undefined) return
  const handle: ViewHandle = openFormOf(edge.views, body.view)
  try {
    await answer.afterwards(handle)
  } catch (error) {
    const sentence = await sentenceFor(edge, error, attemptOf(body))
    const shown = await handle.update(notice(titleOf(body.view), sentence)).catch(() => 'closed' as const)
    const to: Recipient = {
      sender: originOf(body).sender,
      responseUrl: undefined,
      receivedAt: edge.clock.now(),
    }
    if (shown === 'closed' || answer.kind !== 'update') await answerPerson(edge, to, { text: sentence })
  }
}
