import { z } from 'zod'
import { workingForm } from '#src/slack/messages/task-form.ts'
import { fillTaskForm } from '#src/slack/modals/fill-task-form.ts'
import { readHalfFilled } from '#src/slack/modals/task-inputs.ts'
import { defineAction } from '#src/slack/services.ts'

/** **Find**, or Enter in the field Person: looks again for what the field now says. */
export const findPerson = defineAction({
  id: 'find_person',
  right: 'responder',
  value: z.unknown(),
  async run(_value, { form, actor, services, signal }) {
    if (form === undefined) return
    const { person, ...said } = readHalfFilled(form)
    await form.update(workingForm(said.action, 'Looking in all IAM systems …'))
    await fillTaskForm(services, { ...said, actor, personText: person.trim() }, form, signal)
  },
})
