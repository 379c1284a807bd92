import { z } from 'zod'
import { peopleForm } from '#src/slack/messages/people/form.ts'
import { readHalfFilled } from '#src/slack/modals/task-inputs.ts'
import { defineAction } from '#src/slack/services.ts'

/** **Several people**: the form about one person becomes the one that takes a list; what was typed is kept. */
export const severalPeople = defineAction({
  id: 'several_people',
  right: 'responder',
  value: z.unknown(),
  async run(_value, { form }) {
    if (form === undefined) return
    const { person, ...said } = readHalfFilled(form)
    await form.update(peopleForm({ ...said, people: person }))
  },
})
