import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import type { IssuedToken } from '#src/iam/okta/sign-in.ts'
import type { Secret } from '#src/secrets.ts'

/** What our calls prove themselves with. */
export interface Credential {
  /** The value of the `Authorization` header. */
  readonly header: string
  /** What the token allows; undefined for an API token, which has no scopes. */
  readonly scopes: readonly string[] | undefined
}

/** Where the calls of a connector take their credential from. */
export interface Credentials {
  /** Throws `ConnectorError`. */
  get(signal: AbortSignal): Promise<Credential>
  /** Forgets one that Okta no longer takes, or that does not hold what was granted since. False: there is no other. */
  renew(used: Credential): boolean
}

/** The API token of the configuration. */
export function apiTokenCredentials(token: Secret): Credentials {
  return {
    get: async () => ({ header: `SSWS ${token.reveal()}`, scopes: undefined }),
    renew: () => false,
  }
}

const renewBeforeMs = 5 * 60_000

interface Kept extends Credential {
  readonly renewAt: number
}

/**
 * One token for all calls, asked for once at a time and renewed five minutes before its end, sooner when it lives shorter.
 * `ask` must end by itself: a caller that stops waiting does not stop it for the others.
 */
export function tokenCredentials(ask: () => Promise<IssuedToken>, clock: Clock): Credentials {
  let current: Kept | undefined
  let asking: Promise<Kept> | undefined
  const renewed = async (): Promise<Kept> => {
    const askedAt = clock.now().getTime()
    const { value, scopes, livesMs } = await ask()
    const usefulMs = Math.max(livesMs - renewBeforeMs, livesMs / 2)
    current = { header: `Bearer ${value}`, scopes, renewAt: askedAt + usefulMs }
    return current
  }
  return {
    async get(signal) {
      if (current !== undefined && clock.now().getTime() < current.renewAt) return current
      asking ??= renewed().finally(() => (asking = undefined))
      return await unlessStopped(asking, signal)
    },
    renew(used) {
      if (current?.header === used.header) current = undefined
      return true
    },
  }
}

async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new ConnectorError('timed_out', 'Told to stop while signing in'))
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, work])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
