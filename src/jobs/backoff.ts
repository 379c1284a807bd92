/** The wait before attempt `attempt + 1`: doubling from half a second to a minute, spread so that replicas do not march in step. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(60_000, 500 * 2 ** Math.min(attempt - 1, 16))
  return Math.round(full / 2 + (full / 2) * random())
}
