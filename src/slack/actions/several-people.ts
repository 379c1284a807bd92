import { z } from 'zod'
import { peopleForm } from '#src/slack/messages/people/form.ts'
import { readChoices } from '#src/slack/messages/task-form.ts'
import { defineAction } from '#src/slack/services.ts'
import { actions } from '#src/tasks/task.ts'

const Meta = z.object({ action: z.enum(actions), channelId: z.string() })
const Values = z.looseObject({
  person: z.string().optional(),
  description: z.string().optional(),
  ends: z.string().optional(),
  sessions: z.array(z.string()).optional(),
})

/** **Several people**: the form about one person becomes the one that takes a list; what was typed is kept. */
export const severalPeople = defineAction({
  id: 'several_people',
  right: 'responder',
  value: z.unknown(),
  async run(_value, ctx) {
    const { form } = ctx
    if (form === undefined) return
    const { action, channelId } = Meta.parse(form.meta)
    const values = Values.parse(form.values)
    await form.update(
      peopleForm({
        action,
        channelId,
        people: values.person ?? '',
        description: values.description ?? '',
        choices: readChoices(values),
      }),
    )
  },
})
