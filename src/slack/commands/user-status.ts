import { permalinkOf } from '#db/queries/threads.ts'
import { UserError } from '#src/errors.ts'
import { userStatus as statusAnswer } from '#src/slack/messages/answers.ts'
import { personNamed } from '#src/slack/modals/fill-task-form.ts'
import { defineCommand } from '#src/slack/services.ts'
import { lookUpPerson, tasksAbout } from '#src/tasks/look-up.ts'
import { offersFor } from '#src/tasks/offers.ts'
import type { Action } from '#src/tasks/task.ts'

const shownTasks = 5
const nothing: ReadonlySet<Action> = new Set()

/** `/user-status PERSON`: the accounts as they are now, the last tasks about the person, and what may be done. */
export const userStatus = defineCommand({
  name: '/user-status',
  description: 'See a person’s accounts and the last tasks about them',
  usageHint: 'e-mail, login or @person',
  help: [
    '*/user-status* `e-mail, login or @person`',
    'Reads the accounts live in every IAM system and shows their state and the last tasks. Changes nothing; only you see the answer.',
  ].join('\n'),
  right: 'viewer',
  async run(text, ctx) {
    const { actor, services, signal, channelId } = ctx
    const personText = await personNamed(services, text, signal)
    if (personText === '')
      throw new UserError(
        'nothing_typed',
        'Type an e-mail address, a login, or mention the person: `/user-status alice@corp.example`.',
      )
    const lookUp = await lookUpPerson(
      services.tasks,
      { action: 'disable_account', actor, channelId, personText },
      signal,
    )
    const tasks = await services.tasks.store.read(async (c) => {
      const about = await tasksAbout(c, lookUp.found.accounts, shownTasks)
      const urls = await Promise.all(about.map((task) => permalinkOf(c, task.id)))
      return about.map((task, index) => ({ task, url: urls[index] }))
    })
    const offers = actor.roles.has('responder')
      ? offersFor(lookUp.found.accounts, services.tasks.connectors)
      : nothing
    await ctx.respond(
      statusAnswer({ found: lookUp.found, typed: personText, lookUpId: lookUp.id, tasks, offers }),
    )
  },
})
