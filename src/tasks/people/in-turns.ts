/** Does the work for each, so many at the same time, in their order. Begins nothing more once aborted or after a failure. */
export async function inTurns<T>(
  all: readonly T[],
  atOnce: number,
  signal: AbortSignal,
  work: (one: T) => Promise<void>,
): Promise<void> {
  const waiting = all.values()
  const worker = async (): Promise<void> => {
    for (const one of waiting) {
      signal.throwIfAborted()
      await work(one)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, worker))
}
