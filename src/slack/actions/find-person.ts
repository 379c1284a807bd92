import { z } from 'zod'
import { readChoices, workingForm } from '#src/slack/messages/task-form.ts'
import { fillTaskForm } from '#src/slack/modals/fill-task-form.ts'
import { defineAction } from '#src/slack/services.ts'
import { actions } from '#src/tasks/task.ts'

const Meta = z.object({ action: z.enum(actions), channelId: z.string() })
const Values = z.looseObject({
  person: z.string().optional(),
  description: z.string().optional(),
  ends: z.string().optional(),
  sessions: z.array(z.string()).optional(),
})

/** **Find**, or Enter in the field Person: looks again for what the field now says. */
export const findPerson = defineAction({
  id: 'find_person',
  right: 'responder',
  value: z.unknown(),
  async run(_value, ctx) {
    const { form, actor, services, signal } = ctx
    if (form === undefined) return
    const meta = Meta.parse(form.meta)
    const values = Values.parse(form.values)
    const request = {
      ...meta,
      actor,
      personText: (values.person ?? '').trim(),
      description: values.description ?? '',
      choices: readChoices(values),
    }
    await form.update(workingForm(meta.action, 'Looking in all IAM systems …'))
    await fillTaskForm(services, request, form, signal)
  },
})
