import { describe, expect, it } from 'vitest'
import { backoffMs } from '#src/jobs/backoff.ts'

describe('The wait before the next attempt', () => {
  it.each([
    [1, 250, 500],
    [2, 500, 1_000],
    [5, 4_000, 8_000],
    [8, 30_000, 60_000],
    [1_000, 30_000, 60_000],
  ])('after attempt %i lies between %i and %i ms', (attempt, least, most) => {
    expect(backoffMs(attempt, () => 0)).toBe(least)
    expect(backoffMs(attempt, () => 1)).toBe(most)
    expect(backoffMs(attempt)).toBeGreaterThanOrEqual(least)
    expect(backoffMs(attempt)).toBeLessThanOrEqual(most)
  })
})
