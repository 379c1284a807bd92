import { countPeopleStates, taskPeopleOf } from '#db/queries/task-people.ts'
import type { ReadContext, Store } from '#db/store.ts'
import type { ApprovalRule } from '#src/approvals/policy.ts'
import type { OutboxMessage } from '#src/outbox/message.ts'
import type { ClaimedLine, Delivery, Limits } from '#src/outbox/relay.ts'
import type { ModalView } from '#src/slack/context.ts'
import type { SlackDelivery } from '#src/slack/delivery.ts'
import { failedForm, foundForm, lookingForm } from '#src/slack/messages/people/form.ts'
import { resultsCsv } from '#src/slack/messages/people/results-csv.ts'
import { personFrom, readPeopleList } from '#src/tasks/people/list.ts'
import { readTask } from '#src/tasks/rows.ts'
import type { Action } from '#src/tasks/task.ts'

interface Deps {
  readonly store: Store
  readonly slack: SlackDelivery
  readonly approval: { readonly [action in Action]: ApprovalRule }
}
type Message<Kind> = Extract<OutboxMessage, { kind: Kind }>

/** A form that shows how far it is changes about once a second; views.update allows more, for those who wait for an answer. */
export const listLimits: Limits = {
  pauseKeys: ['slack:views.update'],
  pace: { key: 'slack:views.update:pace', intervalMs: 1_000 },
}

/** Shows in the open form how far the look-up of a list is; nothing when the form was closed. */
export async function deliverList(deps: Deps, message: Message<'people_list'>): Promise<Delivery> {
  const shown = await deps.store.read((ctx) => formOf(ctx, deps, message.listId))
  if (shown === undefined) return { kind: 'sent' }
  const delivery = await deps.slack.updateView(shown)
  const isClosed = delivery.kind === 'dead' && ['not_found', 'view_not_found'].includes(delivery.reason)
  return isClosed ? { kind: 'sent' } : delivery
}

async function formOf(
  ctx: ReadContext,
  deps: Deps,
  listId: string,
): Promise<{ readonly viewId: string; readonly view: ModalView } | undefined> {
  const list = await readPeopleList(ctx, listId)
  if (list === undefined) return undefined
  const { viewId, action } = list
  switch (list.state) {
    case 'reading':
      return { viewId, view: lookingForm(action, 0, undefined) }
    case 'looking': {
      const states = await countPeopleStates(ctx, listId)
      const total = Object.values(states).reduce((sum, n) => sum + n, 0)
      return { viewId, view: lookingForm(action, total - (states['waiting'] ?? 0), total) }
    }
    case 'failed':
      return { viewId, view: failedForm(action, list.problem ?? '') }
    case 'found': {
      const people = (await taskPeopleOf(ctx, listId)).map(personFrom)
      const { description, endSessions, endsAfterMs } = list
      const choices = { endSessions, endsAfterMs: endsAfterMs ?? undefined }
      const { approvers } = deps.approval[action]
      return { viewId, view: foundForm({ listId, action, people, description, choices, approvers }) }
    }
  }
}

/** Posts the file with all results into the thread, as they are now. */
export async function deliverResults(
  deps: Deps,
  line: Pick<ClaimedLine<OutboxMessage>, 'thread' | 'uncertain'>,
  message: Message<'results_file'>,
): Promise<Delivery> {
  if (line.thread === undefined) return { kind: 'later' }
  const content = await deps.store.read(async (ctx) => {
    const read = await readTask(ctx, message.taskId)
    if (read === undefined) return undefined
    const people = (await taskPeopleOf(ctx, read.task.lookUpId)).map(personFrom)
    return resultsCsv(read.task, people, read.enforcements)
  })
  if (content === undefined) return { kind: 'dead', reason: 'the task is gone' }
  const { channel, ts } = line.thread
  const { name, taskId } = message
  const title = `All results of ${taskId}`
  return await deps.slack.postFile({
    ...{ channel, threadTs: ts, name, title, content },
    uncertain: line.uncertain,
  })
}
