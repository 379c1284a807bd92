import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError } from '#src/errors.ts'

/** Waits. Throws `timed_out` when told to stop. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    throw stopped(error)
  }
}

/** Waits for work that others wait for as well: when told to stop, only the waiting ends. Throws `timed_out` then. */
export async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(stopped(signal.reason))
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function stopped(cause: unknown): ConnectorError {
  return new ConnectorError('timed_out', 'Told to stop while waiting', {}, cause)
}
