import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { modal, section } from '#src/slack/block-kit/index.ts'
import type { ModalContext, ModalView, SubmitAnswer } from '#src/slack/context.ts'
import { accountsBlock, taskFormId, tickedAccounts, workingForm } from '#src/slack/messages/task-form.ts'
import { readChoices, readSafe } from '#src/slack/messages/task-inputs.ts'
import { runningSentence } from '#src/slack/messages/answers.ts'
import { actionWords } from '#src/slack/messages/words.ts'
import { fillTaskForm } from '#src/slack/modals/fill-task-form.ts'
import { TaskInputs } from '#src/slack/modals/task-inputs.ts'
import { defineModal, type Services } from '#src/slack/services.ts'
import { readLookUp } from '#src/tasks/look-up.ts'
import { requestTask } from '#src/tasks/request.ts'
import { readTask } from '#src/tasks/rows.ts'
import { type Action, actions } from '#src/tasks/task.ts'
import { permalinkOf } from '#db/queries/threads.ts'

const State = TaskInputs.extend({ person: z.string().optional() })
const Meta = z.object({
  action: z.enum(actions),
  channelId: z.string(),
  lookUpId: z.string().nullable(),
  fixed: z.boolean().optional(),
})
type State = z.infer<typeof State>
type Meta = z.infer<typeof Meta>

/** The form of one action: **Create** makes the task, or looks again when the name changed since the look-up. */
function taskModal(action: Action) {
  return defineModal({
    id: taskFormId[action],
    right: 'responder',
    state: State,
    meta: Meta,
    submit: (state, meta, ctx) => submit(action, state, meta, ctx),
  })
}

/** The forms that ask for a task. */
export const disableUserModal = taskModal('disable_account')
export const enableUserModal = taskModal('enable_account')
export const forcePasswordResetModal = taskModal('force_password_reset')
export const forceSignOutModal = taskModal('force_sign_out')

async function submit(
  action: Action,
  state: State,
  meta: Meta,
  ctx: ModalContext<Services>,
): Promise<SubmitAnswer> {
  const { services, actor } = ctx
  if (meta.lookUpId === null) return lookAgain(action, state, meta, ctx)
  const { lookUpId } = meta
  const request = {
    actor,
    lookUpId,
    // Left out where the form is about one account that is there already.
    personText: state.person?.trim() ?? (meta.fixed ? undefined : ''),
    ticked: tickedAccounts(state, lookUpId),
    description: state.description ?? '',
    verifiedSafe: readSafe(state),
    ...readChoices(state),
  }
  try {
    const answer = await requestTask(services.tasks, request)
    return answer.kind === 'created'
      ? { kind: 'clear' }
      : { kind: 'update', view: await runningView(services, action, answer.taskId) }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error.code === 'stale') return lookAgain(action, state, meta, ctx)
    if (error.field !== 'accounts') throw error
    const lookUp = await services.tasks.store.read((c) => readLookUp(c, lookUpId, actor.userId))
    const block = lookUp === undefined ? undefined : accountsBlock(lookUp.found, lookUpId)
    return { kind: 'errors', errors: { [block ?? 'person']: error.message } }
  }
}

/** Create acts only on the look-up made for what the field now says. */
function lookAgain(action: Action, state: State, meta: Meta, ctx: ModalContext<Services>): SubmitAnswer {
  const personText = (state.person ?? '').trim()
  if (personText === '') return { kind: 'errors', errors: { person: 'Type an e-mail address or a login.' } }
  const request = {
    action,
    actor: ctx.actor,
    channelId: meta.channelId,
    personText,
    description: state.description ?? '',
    choices: readChoices(state),
  }
  return {
    kind: 'update',
    view: workingForm(action, 'The name changed, so I look again in all IAM systems …'),
    afterwards: (view) => fillTaskForm(ctx.services, request, view, ctx.signal),
  }
}

/** The form that says that a task covers this already, with the way to it. */
export async function runningView(services: Services, action: Action, taskId: string): Promise<ModalView> {
  const { task, url } = await services.tasks.store.read(async (ctx) => ({
    task: (await readTask(ctx, taskId))?.task,
    url: await permalinkOf(ctx, taskId),
  }))
  const sentence = task === undefined ? `This is already running: ${taskId}.` : runningSentence(task, url)
  return modal({ id: 'already_running', title: actionWords[action].label, blocks: [section(sentence)] })
}
