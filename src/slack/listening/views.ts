import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { notice } from '#src/slack/block-kit/modal.ts'
import { SlackCallError, type SlackCall } from '#src/slack/clients.ts'
import type { ModalView, OpenForm, ViewHandle } from '#src/slack/context.ts'
import { answerPerson, type Edge, type Recipient } from '#src/slack/listening/edge.ts'
import { readMeta, readState } from '#src/slack/listening/form-state.ts'
import type { OpenedView } from '#src/slack/listening/payloads.ts'

const Opened = z.object({ view: z.object({ id: z.string() }) })
const Nothing = z.object({})

const spentTriggers = new Set([
  'expired_trigger_id',
  'exchanged_trigger_id',
  'trigger_expired',
  'trigger_exchanged',
  'invalid_trigger_id',
])
const closedCodes = new Set(['not_found', 'view_not_found'])

/** What it takes to open a form: a trigger (three seconds, one use) and what the person should do when it is spent. */
export interface Trigger {
  readonly id: string | undefined
  readonly method: 'views.open' | 'views.push'
  /** E.g. "type the command again". */
  readonly again: string
}

/** Opens a form. Throws a `UserError` that says what to do, or `SlackCallError` `platform` when the view is wrong. */
export async function openForm(call: SlackCall, trigger: Trigger, view: ModalView): Promise<ViewHandle> {
  const spent = `Slack's three seconds for opening the form had passed. Please ${trigger.again}.`
  if (trigger.id === undefined) throw new UserError('stale', spent)
  try {
    const opened = await call(trigger.method, { trigger_id: trigger.id, view }, Opened)
    return viewHandle(call, opened.view.id)
  } catch (error) {
    if (!(error instanceof SlackCallError)) throw error
    const { problem } = error
    if (problem.kind === 'platform' && spentTriggers.has(problem.code)) throw new UserError('stale', spent)
    if (problem.kind === 'platform') throw error
    throw new UserError(
      'slack_away',
      `Slack did not open the form just now, and nothing was done. Please ${trigger.again} in a minute.`,
    )
  }
}

/** A handle on a view that is open. */
export function viewHandle(call: SlackCall, viewId: string): ViewHandle {
  return {
    viewId,
    update: async (view) => {
      try {
        await call('views.update', { view_id: viewId, view }, Nothing)
        return 'shown'
      } catch (error) {
        if (
          error instanceof SlackCallError &&
          error.problem.kind === 'platform' &&
          closedCodes.has(error.problem.code)
        )
          return 'closed'
        throw error
      }
    },
  }
}

/** The form in a payload, with what stands in it. */
export function openFormOf(call: SlackCall, view: OpenedView): OpenForm {
  return {
    ...viewHandle(call, view.id),
    callbackId: view.callback_id,
    rootViewId: view.root_view_id ?? undefined,
    values: readState(view.state.values),
    meta: readMeta(view.private_metadata),
  }
}

/** Puts a sentence in place of an open form; when that is not possible, answers beside it. Never throws. */
export async function sayInForm(
  edge: Edge<unknown>,
  form: { readonly view: ViewHandle; readonly title: string },
  to: Recipient,
  sentence: string,
): Promise<void> {
  try {
    if ((await form.view.update(notice(form.title, sentence))) === 'shown') return
  } catch (error) {
    edge.log.warn({ err: error }, 'Slack did not take a sentence into a form')
  }
  await answerPerson(edge, to, { text: sentence })
}
