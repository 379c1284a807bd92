import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import type { ModalContext, SubmitAnswer } from '#src/slack/context.ts'
import { lookingForm, peopleFormId } from '#src/slack/messages/people/form.ts'
import { readChoices } from '#src/slack/messages/task-inputs.ts'
import { TaskInputs } from '#src/slack/modals/task-inputs.ts'
import { defineModal, type Services } from '#src/slack/services.ts'
import { createList, type ListSource } from '#src/tasks/people/list.ts'
import { readPastedPeople } from '#src/tasks/people/read-people.ts'
import { longestDescription } from '#src/tasks/request.ts'
import { type Action, actions } from '#src/tasks/task.ts'

const SlackFile = z.object({
  name: z.string().nullish(),
  size: z.number().nullish(),
  url_private_download: z.string().optional(),
})
const State = TaskInputs.extend({
  people: z.string().optional(),
  file: z.array(SlackFile).optional(),
})
const Meta = z.object({ action: z.enum(actions), channelId: z.string() })
type State = z.infer<typeof State>
type Meta = z.infer<typeof Meta>

/** The form in which several people are named: keeps the list, and a job looks everybody up. */
function peopleModal(action: Action) {
  return defineModal({
    id: peopleFormId[action],
    right: 'responder',
    state: State,
    meta: Meta,
    submit: (state, meta, ctx) => submit(action, state, meta, ctx),
  })
}

/** The forms in which several people are named. */
export const disablePeopleModal = peopleModal('disable_account')
export const enablePeopleModal = peopleModal('enable_account')
export const resetPeopleModal = peopleModal('force_password_reset')
export const signOutPeopleModal = peopleModal('force_sign_out')

async function submit(
  action: Action,
  state: State,
  meta: Meta,
  ctx: ModalContext<Services>,
): Promise<SubmitAnswer> {
  const source = sourceOf(state)
  const request = {
    ...{ actor: ctx.actor, action, channelId: meta.channelId, viewId: ctx.form.viewId },
    ...{ description: (state.description ?? '').slice(0, longestDescription), ...readChoices(state) },
  }
  await createList(ctx.services.tasks, request, source)
  const total = source.kind === 'people' ? source.people.length : undefined
  return { kind: 'update', view: lookingForm(action, 0, total) }
}

function sourceOf(state: State): ListSource {
  const [file] = state.file ?? []
  const pasted = (state.people ?? '').trim()
  if (file === undefined) return { kind: 'people', people: readPastedPeople(pasted) }
  if (pasted !== '')
    throw new UserError('not_understood', 'Either paste names or pick a file, not both.', 'file')
  const { name, size, url_private_download: url } = file
  if (url === undefined)
    throw new UserError('not_understood', 'Slack does not give this file out. Please pick it again.', 'file')
  return { kind: 'file', file: { name: name ?? 'people.csv', size: size ?? 0, url } }
}
