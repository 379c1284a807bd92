import { z } from 'zod'
import type { ModalContext, SubmitAnswer } from '#src/slack/context.ts'
import { foundFormId } from '#src/slack/messages/people/form.ts'
import { readChoices, readSafe } from '#src/slack/messages/task-inputs.ts'
import { runningView } from '#src/slack/modals/task-form.ts'
import { TaskInputs } from '#src/slack/modals/task-inputs.ts'
import { defineModal, type Services } from '#src/slack/services.ts'
import { requestPeople } from '#src/tasks/people/request-people.ts'
import type { Action } from '#src/tasks/task.ts'

const Meta = z.object({ listId: z.string() })

/** The form about a list that was looked up: **Create** makes one task of it. */
function foundModal(action: Action) {
  return defineModal({
    id: foundFormId[action],
    right: 'responder',
    state: TaskInputs,
    meta: Meta,
    submit: (state, meta, ctx) => submit(action, state, meta, ctx),
  })
}

/** The forms that ask for a task about several people. */
export const disableFoundModal = foundModal('disable_account')
export const enableFoundModal = foundModal('enable_account')
export const resetFoundModal = foundModal('force_password_reset')
export const signOutFoundModal = foundModal('force_sign_out')

async function submit(
  action: Action,
  state: z.infer<typeof TaskInputs>,
  meta: z.infer<typeof Meta>,
  ctx: ModalContext<Services>,
): Promise<SubmitAnswer> {
  const { services, actor } = ctx
  const answer = await requestPeople(services.tasks, {
    actor,
    listId: meta.listId,
    description: state.description ?? '',
    verifiedSafe: readSafe(state),
    ...readChoices(state),
  })
  return answer.kind === 'created'
    ? { kind: 'clear' }
    : { kind: 'update', view: await runningView(services, action, answer.taskId) }
}
