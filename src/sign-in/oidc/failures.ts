import { newReferenceCode } from '#src/ids.ts'
import type { Log } from '#src/log.ts'

/** Logs a failure of ours and returns the reference code by which the log has it: the same one for the same failure. */
export type NoteFailure = (error: unknown) => string

/** Makes it. The provider hands one failure to several places, and only some of them know that it is shown to somebody. */
export function createNoteFailure(log: Log): NoteFailure {
  const references = new WeakMap<WeakKey, string>()
  return (error) => {
    const failure =
      error instanceof Error ? error : new Error('what was thrown is no error', { cause: error })
    const known = references.get(failure)
    if (known !== undefined) return known
    const reference = newReferenceCode()
    references.set(failure, reference)
    log.error({ err: failure, reference }, 'the OpenID provider failed')
    return reference
  }
}
