import type { z } from 'zod'

/** One thing that Slack would refuse, and where. */
export interface Problem {
  /** A JSON pointer such as `/blocks/0/text`. */
  readonly pointer: string
  readonly sentence: string
}

/** The issues of a zod schema in Slack's words. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], root: string): readonly Problem[] {
  return issues.flatMap((issue) => {
    const pointer = `${root}${issue.path.map((part) => `/${String(part)}`).join('')}`
    return sentences(issue).map((sentence) => ({ pointer, sentence }))
  })
}

function sentences(issue: z.core.$ZodIssue): readonly string[] {
  switch (issue.code) {
    case 'too_big':
      if (issue.origin === 'string') return [`must be less than ${Number(issue.maximum) + 1} characters`]
      return [
        issue.origin === 'array'
          ? `no more than ${issue.maximum} items allowed`
          : `must be at most ${issue.maximum}`,
      ]
    case 'too_small':
      if (issue.origin === 'string') return [`must be more than ${Number(issue.minimum) - 1} characters`]
      return [
        issue.origin === 'array'
          ? `must have at least ${issue.minimum} items`
          : `must be at least ${issue.minimum}`,
      ]
    case 'unrecognized_keys':
      return issue.keys.map((key) => `additional property: ${key}`)
    case 'invalid_union':
      return ['unsupported type']
    case 'invalid_type':
      return [
        issue.input === undefined
          ? `missing required field of type ${issue.expected}`
          : `must provide ${issue.expected}`,
      ]
    case 'invalid_value':
      return [`must be one of ${issue.values.join(', ')}`]
    case 'custom':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
      break
  }
  return [issue.message]
}

/** Problems as Slack's `response_metadata.messages`. */
export function asMessages(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ sentence, pointer }) => `[ERROR] ${sentence} [json-pointer:${pointer}]`)
}
