import { z } from 'zod'
import { findTask } from '#db/queries/tasks.ts'
import { workingForm } from '#src/slack/messages/task-form.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'
import { fillTaskForm, drawTaskForm } from '#src/slack/modals/fill-task-form.ts'
import { defineAction, defineFormAction } from '#src/slack/services.ts'
import type { Action } from '#src/tasks/task.ts'
import { cancelTask } from '#src/tasks/cancel.ts'
import { createListFromTask } from '#src/tasks/people/list.ts'
import { lookUpTask, readLookUp } from '#src/tasks/look-up.ts'
import { retryTask } from '#src/tasks/retry.ts'
import { TaskId, taskIdPattern } from '#src/tasks/task-id.ts'
import { UserError } from '#src/errors.ts'
import { assertRole } from '#src/people/actor.ts'

/** **Retry failed**: sends again only what failed, under the same approval. The thread tells the rest. */
export const retryFailed = defineAction({
  id: 'retry_task',
  right: 'responder',
  value: TaskId,
  run: (id, ctx) => retryTask(ctx.services.tasks, { actor: ctx.actor, taskId: id }),
})

const AboutEnforcement = z
  .string()
  .regex(new RegExp(`^${taskIdPattern}:[\\w-]{1,64}$`, 'u'))
  .transform((value) => ({ taskId: value.slice(0, 7), enforcementId: value.slice(8) }))

/** **Disable again**, on a reply that tells that an account was enabled meanwhile. */
export const disableAgain = defineAction({
  id: 'disable_again',
  right: 'responder',
  value: AboutEnforcement,
  run: (value, ctx) => retryTask(ctx.services.tasks, { actor: ctx.actor, ...value }),
})

/** **Deactivate instead**, on the reply about an account that cannot be suspended: asks for a task of its own. */
export const deactivateInstead = defineFormAction({
  id: 'deactivate_instead',
  right: 'responder',
  value: AboutEnforcement,
  loadingView: () => workingForm('disable_account', 'Reading the account …'),
  async run({ taskId, enforcementId }, ctx) {
    const { actor, services, signal } = ctx
    const channelId = ctx.message?.channelId ?? ''
    const about = { actor, taskId, channelId, deactivate: enforcementId }
    const lookUp = await lookUpTask(services.tasks, about, signal)
    const { personText } = lookUp
    const request = { action: 'disable_account', actor, channelId, personText } as const
    const form = { ...request, description: '', choices: usualChoices }
    await ctx.view.update(await drawTaskForm(services, form, lookUp))
  },
})

const MenuChoice = z
  .string()
  .regex(new RegExp(`^(cancel|enable):${taskIdPattern}$`, 'u'))
  .transform((value) => ({ choice: value.slice(0, 6), taskId: value.slice(7) }))

/** The ⋯ menu of the task's message. */
export const taskMenu = defineAction({
  id: 'task_menu',
  right: 'anyone',
  value: MenuChoice,
  async run(picked, ctx) {
    const { actor, services, signal } = ctx
    if (picked.choice === 'cancel') return await cancelTask(services.tasks, { actor, taskId: picked.taskId })
    assertRole(actor, 'responder')
    const view = await ctx.openView(workingForm('enable_account', 'Reading the accounts …'))
    const channelId = ctx.message?.channelId ?? ''
    const task = await services.tasks.store.read((c) => findTask(c, picked.taskId))
    if ((task?.people ?? 0) > 0) {
      const about = { actor, action: 'enable_account', channelId, viewId: view.viewId } as const
      const list = { ...about, description: '', ...usualChoices, fromTask: picked.taskId }
      await createListFromTask(services.tasks, list)
      return undefined
    }
    const lookUp = await lookUpTask(services.tasks, { actor, taskId: picked.taskId, channelId }, signal)
    const request = {
      action: 'enable_account',
      actor,
      channelId,
      personText: lookUp.personText,
      description: '',
      choices: usualChoices,
    } as const
    await view.update(await drawTaskForm(services, request, lookUp))
    return undefined
  },
})

/** **View task status** is a link; Slack reports the press all the same. */
export const viewTask = defineAction({
  id: 'view_task',
  right: 'anyone',
  value: z.unknown(),
  run: async () => {},
})

/** A button of `/user-status` that opens the form for the person who was looked up there. */
function personButton(id: string, action: Action) {
  return defineFormAction({
    id,
    right: 'responder',
    value: z.string().max(64),
    loadingView: () => workingForm(action, 'Looking in all IAM systems …'),
    async run(lookUpId, ctx) {
      const { actor, services, signal } = ctx
      const lookUp = await services.tasks.store.read((c) => readLookUp(c, lookUpId, actor.userId))
      if (lookUp === undefined)
        throw new UserError('stale', 'I no longer know whom this was about. Please type the command again.')
      const { personText } = lookUp
      const channelId = ctx.message?.channelId ?? lookUp.channelId
      await fillTaskForm(
        services,
        { action, actor, channelId, personText, description: '', choices: usualChoices },
        ctx.view,
        signal,
      )
    },
  })
}

/** The buttons beside a person that was looked up; each opens the form of its task. */
export const disablePerson = personButton('disable_person', 'disable_account')
export const enablePerson = personButton('enable_person', 'enable_account')
export const resetPerson = personButton('reset_person', 'force_password_reset')
export const signOutPerson = personButton('sign_out_person', 'force_sign_out')
