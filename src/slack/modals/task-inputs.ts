import { z } from 'zod'
import type { OpenForm } from '#src/slack/context.ts'
import { type DisableChoices, readChoices } from '#src/slack/messages/task-inputs.ts'
import { type Action, actions } from '#src/tasks/task.ts'

/** What `taskInputs` and `safeBlock` leave in the state of a form. */
export const TaskInputs = z.looseObject({
  description: z.string().optional(),
  safe: z.array(z.string()).optional(),
  ends: z
    .string()
    .regex(/^(none|\d{1,12})$/)
    .optional(),
  sessions: z.array(z.string()).optional(),
})

const Meta = z.object({ action: z.enum(actions), channelId: z.string() })
const Values = TaskInputs.extend({ person: z.string().optional() })

/** What the form about one person says before it is submitted. Throws `ZodError` for what our form never says. */
export function readHalfFilled(form: Pick<OpenForm, 'meta' | 'values'>): {
  readonly action: Action
  readonly channelId: string
  readonly person: string
  readonly description: string
  readonly choices: DisableChoices
} {
  const { person = '', description = '', ...rest } = Values.parse(form.values)
  return { ...Meta.parse(form.meta), person, description, choices: readChoices(rest) }
}
