/** A JSON object whose fields must be looked at before they are used. */
export type Json = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object (not a list). */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a JSON text says, or undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
