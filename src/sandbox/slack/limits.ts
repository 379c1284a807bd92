/** Times and numbers that Slack keeps to; a test may make them smaller, or `rateScale` larger. */
export interface Limits {
  /** In which an envelope or request must be acknowledged. */
  readonly ackMs: number
  /** For which a `trigger_id` is good. */
  readonly triggerMs: number
  readonly responseUrlMs: number
  readonly responseUrlUses: number
  /** For which a Socket Mode ticket is good. */
  readonly ticketMs: number
  readonly sockets: number
  /** How often a socket is pinged. */
  readonly pingMs: number
  /** How many times faster than Slack's the rate limits recover (and how many times more they hold). `Infinity`: no limits. */
  readonly rateScale: number
  /** When events nobody acknowledged are sent again, each after the one before. */
  readonly eventRetriesMs: readonly number[]
  /** Characters of all texts in a message's blocks; Slack does not document it (bolt-js#2509, #2867: 11,000 to 13,000). */
  readonly blocksCharacters: number
}

/** Slack's own. */
export const slackLimits: Limits = {
  ackMs: 3000,
  triggerMs: 3000,
  responseUrlMs: 30 * 60_000,
  responseUrlUses: 5,
  ticketMs: 30_000,
  sockets: 10,
  pingMs: 10_000,
  rateScale: 1,
  eventRetriesMs: [0, 60_000, 300_000],
  blocksCharacters: 11_000,
}
