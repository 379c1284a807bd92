import type { Tier } from '#src/sandbox/slack/methods/method.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** Counts calls as Slack does: per method, and per channel for posts. */
export interface Rates {
  /** Takes one call into account. Answers the seconds of `Retry-After` when it is one too many. */
  readonly take: (key: string, rate: Rate) => number | undefined
}

/** `burst` calls at once, then `perMinute`. */
export interface Rate {
  readonly perMinute: number
  readonly burst: number
}

/**
 * The rates of the tiers (docs.slack.dev, "Rate limits"). Tier 5 is "special": for `chat.postMessage` some hundred a minute for the
 * whole workspace, besides `perChannel`; for the others as much.
 */
export const tierRates: Readonly<Record<Tier, Rate>> = {
  t1: { perMinute: 1, burst: 1 },
  t2: { perMinute: 20, burst: 20 },
  t3: { perMinute: 50, burst: 50 },
  t4: { perMinute: 100, burst: 100 },
  t5: { perMinute: 300, burst: 300 },
}

/** Posts into one channel: about one a second, short bursts allowed. */
export const perChannel: Rate = { perMinute: 60, burst: 5 }

/** Buckets that refill evenly with the workspace's clock. */
export function createRates(world: Pick<World, 'now' | 'limits'>): Rates {
  const buckets = new Map<string, { readonly level: number; readonly at: number }>()
  return {
    take: (key, rate) => {
      const scale = world.limits.rateScale
      if (scale === Infinity) return undefined
      const capacity = rate.burst * scale
      const perMs = (rate.perMinute * scale) / 60_000
      const now = world.now()
      const bucket = buckets.get(key) ?? { level: capacity, at: now }
      const level = Math.min(capacity, bucket.level + (now - bucket.at) * perMs)
      if (level < 1) {
        buckets.set(key, { level, at: now })
        return Math.max(1, Math.ceil((1 - level) / perMs / 1000))
      }
      buckets.set(key, { level: level - 1, at: now })
      return undefined
    },
  }
}
