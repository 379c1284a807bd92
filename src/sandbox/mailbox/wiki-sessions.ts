import { randomBytes } from 'node:crypto'

/** Somebody who signed in at the wiki. */
export interface Reader {
  /** Drawbridge's name for the sign-in, by which it tells that one has ended. */
  readonly sid: string
  readonly email: string
  readonly groups: readonly string[]
  readonly idToken: string
}

/** What a browser's cookie stands for. */
export type WikiSession =
  | { readonly kind: 'open'; readonly reader: Reader }
  /** Drawbridge said that the sign-in is over. */
  | { readonly kind: 'ended'; readonly reader: Reader; readonly endedAt: Date }

const mostSessions = 1_000

/** The sessions of the wiki, in memory. */
export function createWikiSessions() {
  const sessions = new Map<string, WikiSession>()
  const listeners = new Set<() => void>()
  return {
    find: (token: string | undefined) => (token === undefined ? undefined : sessions.get(token)),
    /** Answers what to put into the cookie. */
    open: (reader: Reader): string => {
      const token = randomBytes(32).toString('base64url')
      sessions.set(token, { kind: 'open', reader })
      if (sessions.size > mostSessions) sessions.delete(sessions.keys().next().value ?? '')
      return token
    },
    forget: (token: string) => void sessions.delete(token),
    /** Ends what came out of one sign-in at Drawbridge. */
    end: (sid: string) => {
      for (const [token, { reader }] of sessions)
        if (reader.sid === sid) sessions.set(token, { kind: 'ended', reader, endedAt: new Date() })
      for (const listener of listeners) listener()
    },
    onEnd: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
