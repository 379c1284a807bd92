import type { Clock } from '#src/clock.ts'
import { ConnectorError, type ConnectorErrorCode } from '#src/errors.ts'
import { unlessStopped } from '#src/iam/entra/pause.ts'

/** An access token, kept in memory only. */
export interface AccessToken {
  readonly value: string
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** What an authority issues. */
export interface IssuedToken {
  readonly value: string
  readonly livesMs: number
}

/** The one token that all calls of a connector share. */
export interface Tokens {
  /** A token that lives for some minutes yet. Throws `ConnectorError`. */
  get(signal: AbortSignal): Promise<AccessToken>
  /** Forgets this token, which Graph no longer takes or which does not hold what was granted since. */
  drop(token: AccessToken): void
}

const renewBeforeMs = 5 * 60_000

// The authority is away: a token that still lives serves until it is back.
const passing: ReadonlySet<ConnectorErrorCode> = new Set(['unavailable', 'timed_out', 'rate_limited'])

/**
 * Renews five minutes before the end, once at a time: whoever comes meanwhile waits for the same answer. `ask` must end
 * by itself; one caller who stops waiting does not stop it for the others.
 */
export function createTokens(ask: () => Promise<IssuedToken>, clock: Clock): Tokens {
  let current: AccessToken | undefined
  let asking: Promise<AccessToken> | undefined
  const endsLaterThan = (ms: number) => current !== undefined && current.expiresAt.getTime() > ms
  const renew = async (): Promise<AccessToken> => {
    const issuedAt = clock.now()
    const { value, livesMs } = await ask()
    return { value, issuedAt, expiresAt: new Date(issuedAt.getTime() + livesMs) }
  }
  return {
    async get(signal) {
      const nowMs = clock.now().getTime()
      if (current !== undefined && endsLaterThan(nowMs + renewBeforeMs)) return current
      asking ??= renew()
        .then((token) => (current = token))
        .finally(() => (asking = undefined))
      try {
        return await unlessStopped(asking, signal)
      } catch (error) {
        const isAway = error instanceof ConnectorError && passing.has(error.code) && !signal.aborted
        if (isAway && current !== undefined && endsLaterThan(nowMs)) return current
        throw error
      }
    },
    drop(token) {
      if (current?.value === token.value) current = undefined
    },
  }
}
