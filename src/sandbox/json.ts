/** A JSON object whose fields must be looked at before they are used. */
export type Json = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object (not a list). */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as an object; an empty one if it is none. */
export function object(value: unknown): Json {
  return isObject(value) ? value : {}
}

/** The objects of a list; none if it is no list. */
export function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The strings of a list; none if it is no list. */
export function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

/** The value as text; empty if it is none. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The value if it is text that is not empty. */
export function someText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** What a JSON text says, or undefined when it is no JSON. */
export function parseJson(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json)
    return value
  } catch {
    return undefined
  }
}
