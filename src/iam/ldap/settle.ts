import { ConnectorError } from '#src/errors.ts'
import type { ReadBack } from '#src/iam/connector.ts'

/**
 * Brings a write to a known end. After a lost answer it looks first (`isDone`), and writes once more only when the
 * change is not there. Throws `unknown_outcome` when it can't even look, and `unavailable` when two writes were lost
 * without taking effect; whatever else `write` throws passes through.
 */
export async function writeAndSettle(
  write: () => Promise<void>,
  isDone: () => Promise<boolean>,
): Promise<void> {
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'unknown_outcome') throw error
      if (await look(isDone, error)) return
    }
  }
  throw new ConnectorError('unavailable', 'Two writes were lost before they took effect', {
    detail: 'connection_lost',
  })
}

async function look(isDone: () => Promise<boolean>, unknown: ConnectorError): Promise<boolean> {
  try {
    return await isDone()
  } catch {
    throw unknown
  }
}

/**
 * Looks again after a change was made. Not being able to, for whatever reason, is a result of its own and no failure of
 * the change: it may stand all the same.
 */
export async function unlessUnreachable(lookAgain: () => Promise<ReadBack>): Promise<ReadBack> {
  try {
    return await lookAgain()
  } catch (error) {
    if (error instanceof ConnectorError) return 'unreachable'
    throw error
  }
}
