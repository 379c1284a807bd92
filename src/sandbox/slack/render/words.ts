import type { Json } from '#src/sandbox/json.ts'
import { text } from '#src/sandbox/json.ts'

/** The words of a text object as a button shows them. */
export function plainWords(textObject: Json): string {
  return text(textObject['text'])
}
