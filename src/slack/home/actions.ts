import { z } from 'zod'
import { notice } from '#src/slack/block-kit/index.ts'
import { showHome } from '#src/slack/home/publish.ts'
import { lookingAtSystems } from '#src/slack/messages/iam-systems.ts'
import { workingForm } from '#src/slack/messages/task-form.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'
import { fillTaskForm } from '#src/slack/modals/fill-task-form.ts'
import { systemsNow } from '#src/slack/modals/iam-systems.ts'
import { groupsWindow } from '#src/slack/modals/local-groups.ts'
import { everybody, usersWindow } from '#src/slack/modals/local-users.ts'
import { firstFilter, taskListFor } from '#src/slack/modals/task-list.ts'
import { defineAction, defineFormAction } from '#src/slack/services.ts'
import type { Action } from '#src/tasks/task.ts'

/** A quick action that opens the empty form of a task, as its command does. */
function taskButton(id: string, action: Action) {
  return defineFormAction({
    id,
    right: 'responder',
    value: z.unknown(),
    loadingView: () => workingForm(action, 'One moment …'),
    run: async (_, { actor, services, view, signal }) => {
      const form = { action, actor, channelId: actor.userId, personText: '', description: '' }
      await fillTaskForm(services, { ...form, choices: usualChoices }, view, signal)
    },
  })
}

/** **Disable a user** and **Enable a user** on the Home tab. */
export const homeDisable = taskButton('home_disable', 'disable_account')
export const homeEnable = taskButton('home_enable', 'enable_account')

/** **Tasks** on the Home tab. */
export const homeTasks = defineFormAction({
  id: 'home_tasks',
  right: 'viewer',
  value: z.unknown(),
  loadingView: () => notice('Tasks', 'Looking …'),
  run: async (_, { actor, services, view }) =>
    void (await view.update(await taskListFor(services, actor.userId, firstFilter))),
})

/** **Local users** on the Home tab. */
export const homeLocalUsers = defineFormAction({
  id: 'home_local_users',
  right: 'local_user_admin',
  value: z.unknown(),
  loadingView: () => notice('Local users', 'Looking …'),
  run: async (_, ctx) => void (await ctx.view.update(await usersWindow(ctx, everybody))),
})

/** **Local groups** on the Home tab. */
export const homeLocalGroups = defineFormAction({
  id: 'home_local_groups',
  right: 'local_user_admin',
  value: z.unknown(),
  loadingView: () => notice('Local groups', 'Looking …'),
  run: async (_, ctx) => void (await ctx.view.update(await groupsWindow(ctx, { text: '', page: 0 }))),
})

/** **IAM systems** on the Home tab. */
export const homeSystems = defineFormAction({
  id: 'home_systems',
  right: 'owner',
  value: z.unknown(),
  loadingView: lookingAtSystems,
  run: async (_, { services, signal, view }) => void (await view.update(await systemsNow(services, signal))),
})

/** **Look again** on the Home tab. */
export const homeAgain = defineAction({
  id: 'home_again',
  right: 'judged_later',
  value: z.unknown(),
  run: (_, { actor, services }) => showHome(services.tasks, actor.userId),
})
