import type { z } from 'zod'
import { mistakesOf, type Path, pathText, type RawMistake, sentenceOf } from '#src/config/mistakes.ts'

/** A part of the file as far as it could be read. With mistakes, `value` is made from what is left without them. */
export interface Part<T> {
  readonly value: T | undefined
  readonly mistakes: readonly RawMistake[]
}

/**
 * Reads a part of the file that stands at `base`. What is wrong is left out for `value`, so that the checks across
 * sections can still be made and every mistake is told at once.
 */
export function readPart<T>(schema: z.ZodType<T>, raw: unknown, base: Path): Part<T> {
  const read = schema.safeParse(raw, { error: sentenceOf })
  if (read.success) return { value: read.data, mistakes: [] }
  const mistakes = mistakesOf(read.error, base)
  const wrong = new Set(mistakes.map(({ path }) => pathText(path)))
  return { value: schema.safeParse(without(raw, base, wrong)).data, mistakes }
}

function without(value: unknown, path: Path, wrong: ReadonlySet<string>): unknown {
  const isWrong = (part: string | number): boolean => wrong.has(pathText([...path, part]))
  if (Array.isArray(value))
    return value.flatMap((one: unknown, i) => (isWrong(i) ? [] : [without(one, [...path, i], wrong)]))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => !isWrong(key))
  return Object.fromEntries(kept.map(([key, one]) => [key, without(one, [...path, key], wrong)]))
}

/** Keys with values, or nothing when it is something else. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
