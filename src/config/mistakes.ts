import { z } from 'zod'

/** Something in the configuration file that has to be mended: where, and a sentence that says what to do. */
export interface Mistake {
  /** E.g. `iam_systems[0].url`; empty when it is about the whole file. */
  readonly path: string
  readonly sentence: string
  /** Where in the file the key, or what it is missing from, begins. Counted from 1. */
  readonly line?: number | undefined
}

export type Path = readonly (string | number)[]

/** A mistake before its place in the file is looked up. */
export interface RawMistake {
  readonly path: Path
  readonly sentence: string
}

/** A path as people write it: `iam_systems[0].url`. */
export function pathText(path: Path): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${part}`))
    .join('')
}

const wanted: Readonly<Record<string, string>> = {
  string: 'Give a text here; put numbers and words like true in quotes.',
  number: 'Give a whole number here.',
  boolean: 'true or false belongs here.',
  array: 'Give a list here, like [one, two].',
  object: 'Keys with values belong here.',
}

/** The sentence for what zod found. Never holds the value that was given: it may be secret. */
export function sentenceOf(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && issue.code !== 'custom') return 'This is missing. Please add it.'
  switch (issue.code) {
    case 'invalid_type':
      return wanted[issue.expected] ?? 'Something else belongs here. docs/configuration.md has an example.'
    case 'too_small':
      return 'This is empty. Give a value, or leave the key out where that is allowed.'
    case 'too_big':
      return `This is too long: at most ${issue.maximum}.`
    case 'invalid_value':
      return issue.values.length === 1
        ? `Only ${String(issue.values[0])} belongs here.`
        : `One of ${issue.values.map(String).join(', ')} belongs here.`
    case 'unrecognized_keys':
      return knownKeys(issue.inst).join(' ')
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'This is not written as expected. docs/configuration.md has an example.'
  }
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** Turns zod's issues into mistakes below `base`: one for each unknown key, with the key that was probably meant. */
export function mistakesOf(error: z.ZodError, base: Path): readonly RawMistake[] {
  return error.issues.flatMap((issue): readonly RawMistake[] => {
    const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
    if (issue.code !== 'unrecognized_keys') return [{ path, sentence: issue.message }]
    const known = issue.message.split(' ').filter((key) => key !== '')
    return issue.keys.map((key) => ({ path: [...path, key], sentence: unknownKey(key, known) }))
  })
}

/** The sentence for a key that the format does not have. */
export function unknownKey(key: string, known: readonly string[]): string {
  const closest = known.toSorted((one, other) => distance(key, one) - distance(key, other))[0]
  if (closest === undefined || distance(key, closest) > 3)
    return 'There is no such key here. Take it out, or look it up in docs/configuration.md.'
  return `There is no such key here. Did you mean ${closest}?`
}

/** How many letters have to be added, taken away or changed. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [i, letter] of one.slice(0, 60).split('').entries()) {
    const next = [i + 1]
    for (let j = 1; j <= other.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (letter === other[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
