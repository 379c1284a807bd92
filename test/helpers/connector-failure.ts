import { ConnectorError } from '#src/errors.ts'

/** The `ConnectorError` with which work fails. Throws when it does not, or fails otherwise. */
export async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof ConnectorError) return error
  throw new Error('A ConnectorError was expected', { cause: error })
}
