import { OktaRefusal } from '#src/sandbox/okta/errors.ts'
import type { World } from '#src/sandbox/okta/world.ts'

/** Calls a minute that an org may make, by bucket. Okta's own differ by edition; these are ordinary ones. */
const oktaRateLimits = {
  /** Lists and searches. */
  '/api/v1/users': 600,
  /** One person read. */
  '/api/v1/users/{id}': 2000,
  /** Everything that changes a person. */
  '/api/v1/users/{id}/lifecycle': 600,
  '/api/v1/groups': 500,
  '/oauth2/v1/token': 2400,
  '/api/v1': 1200,
} as const
export type RateBucket = keyof typeof oktaRateLimits

/** Counts calls by bucket and minute. */
export interface Rates {
  /**
   * Counts one call. Answers the three headers; `refused` when the bucket is empty. A token or an app may use half of a
   * bucket.
   */
  readonly count: (bucket: RateBucket) => {
    readonly headers: Record<string, string>
    readonly refused: boolean
  }
}

const shareOfOneClient = 0.5
const minuteMs = 60_000

/** Windows of a minute, beginning with the first call. */
export function createRates(world: World): Rates {
  const windows = new Map<RateBucket, { readonly endsAt: number; readonly used: number }>()
  return {
    count: (bucket) => {
      const now = world.now()
      const open = windows.get(bucket)
      const window = open === undefined || open.endsAt <= now ? { endsAt: now + minuteMs, used: 0 } : open
      const limit = oktaRateLimits[bucket] * world.settings.rateScale
      const ceiling = Math.max(1, Math.floor(limit * shareOfOneClient))
      const used = window.used + 1
      windows.set(bucket, { ...window, used })
      return {
        headers: rateHeaders(limit, Math.max(0, ceiling - used), window.endsAt),
        refused: used > ceiling,
      }
    },
  }
}

/** The three headers; the reset is in UTC epoch seconds. */
export function rateHeaders(limit: number, remaining: number, resetAt: number): Record<string, string> {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(Math.ceil(resetAt / 1000)),
  }
}

/** Okta's 429 with its headers. */
export function tooMany(headers: Readonly<Record<string, string>>): OktaRefusal {
  return new OktaRefusal('E0000047', [], headers)
}
