import { createHash } from 'node:crypto'
import { sessionAtResource, sessionNow } from '#db/queries/access-tickets.ts'
import type { Clock } from '#src/clock.ts'
import type { AccessDeps } from '#src/sign-in/access-rules.ts'
import { endSession } from '#src/sign-in/session.ts'

/** What the check of requests to protected hosts needs. */
export type ForwardAuthDeps = AccessDeps & { readonly clock: Clock; readonly verdicts: Verdicts }

/** What becomes of a request to a protected host. */
export type ForwardVerdict =
  | {
      readonly kind: 'pass'
      readonly userId: string
      readonly email: string
      /** Names, sorted. */
      readonly groups: readonly string[]
    }
  /** Nobody is signed in there. */
  | { readonly kind: 'sign_in' }
  /** Somebody is, whom no rule lets in. */
  | { readonly kind: 'no_access'; readonly email: string }
  /** The configuration has no such host. */
  | { readonly kind: 'not_served' }

/**
 * Verdicts of this process on sessions, each of use until access changes anywhere. What ends somebody's access altogether
 * (disabling, deleting, a reset, signing out) takes the session itself away and needs no word here.
 */
export interface Verdicts {
  get(sessionId: string, changes: number): ForwardVerdict | undefined
  keep(sessionId: string, changes: number, verdict: ForwardVerdict): void
}

const mostVerdicts = 50_000

/** Verdicts of a process, none at first. The oldest are forgotten where there are too many. */
export function createVerdicts(): Verdicts {
  const kept = new Map<string, { readonly changes: number; readonly verdict: ForwardVerdict }>()
  return {
    get(sessionId, changes) {
      const one = kept.get(sessionId)
      return one?.changes === changes ? one.verdict : undefined
    },
    keep(sessionId, changes, verdict) {
      kept.delete(sessionId)
      kept.set(sessionId, { changes, verdict })
      const [oldest] = kept.size > mostVerdicts ? kept.keys() : []
      if (oldest !== undefined) kept.delete(oldest)
    },
  }
}

/** The kind of sessions that count on one protected host and nowhere else. */
export function forwardKind(host: string): string {
  return `forward:${host}`
}

/**
 * Judges one request to a protected host by the token of that host's cookie. The session is read anew each time, by its
 * primary key: who is disabled, deleted, reset, signed out or no longer named by a rule is refused at the next request. Who
 * the person is and what rules say is read again only when something of that changed, here or in another process.
 */
export async function judgeRequest(
  deps: ForwardAuthDeps,
  request: { readonly host: string; readonly token: string | undefined },
): Promise<ForwardVerdict> {
  const { host, token = '' } = request
  if (deps.access.admissionTo({ kind: 'host', id: host }) === undefined) return { kind: 'not_served' }
  if (!isToken(token)) return { kind: 'sign_in' }
  const id = hashOf(token)
  const now = await deps.store.read((ctx) => sessionNow(ctx, id))
  if (now?.kind !== forwardKind(host) || now.expiresAt <= deps.clock.now()) return { kind: 'sign_in' }
  return deps.verdicts.get(id, now.changes) ?? (await judgeAnew(deps, host, id))
}

async function judgeAnew(deps: ForwardAuthDeps, host: string, id: string): Promise<ForwardVerdict> {
  const resource = { kind: 'host', id: host } as const
  const admission = deps.access.admissionTo(resource)
  if (admission === undefined) return { kind: 'not_served' }
  const found = await deps.store.read((ctx) => sessionAtResource(ctx, id, resource, admission))
  if (found?.state !== 'enabled') return { kind: 'sign_in' }
  const { userId, email, groups, changes } = found
  const verdict: ForwardVerdict = found.isAdmitted
    ? { kind: 'pass', userId, email, groups: groups.toSorted() }
    : { kind: 'no_access', email }
  deps.verdicts.keep(id, changes, verdict)
  return verdict
}

/**
 * Signs out on a protected host: ends the page session that the host's session came out of, with all that hangs on it.
 * The host's session alone would be back at the next click.
 */
export async function signOutAt(
  deps: ForwardAuthDeps,
  request: { readonly host: string; readonly token: string | undefined },
): Promise<void> {
  const { host, token = '' } = request
  if (!isToken(token)) return
  const id = hashOf(token)
  const found = await deps.store.read((ctx) => sessionNow(ctx, id))
  if (found?.kind === forwardKind(host)) await endSession(deps, found.parentId ?? id)
}

/** What is kept of a token, a ticket or a browser's word. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** Whether a text has the form of our tokens. */
export function isToken(text: string): boolean {
  return /^[\w-]{22}$/.test(text)
}
