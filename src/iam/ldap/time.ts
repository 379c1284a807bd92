/** Milliseconds since 1970 of a GeneralizedTime in UTC, e.g. `20260131093000Z` or `…00.0Z`; undefined for anything else. */
export function parseGeneralizedTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:[.,]\d+)?Z$/.exec(text)
  if (parts === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

const ticksPerMillisecond = 10_000n
const fileTimeOfUnixEpochMs = 11_644_473_600_000
const never = new Set(['0', '9223372036854775807'])

/** Milliseconds since 1970 of Windows' FILETIME (100 ns since 1601) as text; undefined for "never" and anything else. */
export function parseFileTime(text: string | undefined): number | undefined {
  if (text === undefined || never.has(text) || !/^\d{1,19}$/.test(text)) return undefined
  return Number(BigInt(text) / ticksPerMillisecond) - fileTimeOfUnixEpochMs
}
