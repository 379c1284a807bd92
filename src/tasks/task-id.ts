import { z } from 'zod'

/** How a task's id looks, to be put into a larger pattern. */
export const taskIdPattern = 'T-[0-9A-Z]{5}'

/** A task's id and nothing else. */
export const TaskId = z.string().regex(new RegExp(`^${taskIdPattern}$`, 'u'))

const anywhere = new RegExp(`\\b${taskIdPattern}\\b`, 'u')

/** The first task id in a text; undefined when there is none. Pure. */
export function taskIdIn(text: string): string | undefined {
  return anywhere.exec(text)?.[0]
}
