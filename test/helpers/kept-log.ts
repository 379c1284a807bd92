import type { Log } from '#src/log.ts'

/** A log that tests can read. */
export interface KeptLog extends Log {
  readonly lines: readonly { readonly level: string; readonly facts: object; readonly message: string }[]
}

/** Keeps what is logged and prints nothing. */
export function createKeptLog(): KeptLog {
  const lines: { level: string; facts: object; message: string }[] = []
  const at = (level: string) => (facts: object, message: string) => void lines.push({ level, facts, message })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
