import type { Clock } from '#src/clock.ts'
import type { MailOutcome } from '#src/local-users/send-mails.ts'
import type { Log } from '#src/log.ts'

/** What this process knows of the mail server from its own tries. */
export interface MailWatch {
  /** Takes notice of a try. */
  tried(outcome: MailOutcome): void
  /** What the server said, or the code of what happened, while it cannot be asked; undefined while it answers. */
  away(): string | undefined
  /** When a try last failed, for whichever reason; undefined when none did. */
  lastFailureAt(): Date | undefined
}

/** Nothing is known at first. Says in the log when the server goes away and comes back, not at each try in between. */
export function createMailWatch({ clock, log }: { readonly clock: Clock; readonly log: Log }): MailWatch {
  let away: string | undefined
  let lastFailureAt: Date | undefined
  return {
    tried(outcome) {
      if (outcome.kind !== 'sent') lastFailureAt = clock.now()
      const before = away
      away = outcome.kind === 'away' ? outcome.why : undefined
      if (before === undefined && away !== undefined)
        log.warn({ why: away }, 'the mail server is away; mails wait and are tried every half minute')
      if (before !== undefined && away === undefined) log.info({}, 'the mail server answers again')
    },
    away: () => away,
    lastFailureAt: () => lastFailureAt,
  }
}
