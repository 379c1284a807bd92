import { createHash } from 'node:crypto'
import { sessionAtResource } from '#db/queries/access-tickets.ts'
import type { Clock } from '#src/clock.ts'
import type { AccessDeps } from '#src/sign-in/access-rules.ts'
import { endSession } from '#src/sign-in/session.ts'

/** What the check of requests to protected hosts needs. */
export type ForwardAuthDeps = AccessDeps & { readonly clock: Clock }

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

/** The kind of sessions that count on one protected host and nowhere else. */
export function forwardKind(host: string): string {
  return `forward:${host}`
}

/**
 * Judges one request to a protected host by the token of that host's cookie. Asks anew each time, in one statement: who is
 * disabled, deleted, reset, signed out or no longer named by a rule is refused at the next request.
 */
export async function judgeRequest(
  deps: ForwardAuthDeps,
  request: { readonly host: string; readonly token: string | undefined },
): Promise<ForwardVerdict> {
  const { host, token = '' } = request
  const resource = { kind: 'host', id: host } as const
  const admission = deps.access.admissionTo(resource)
  if (admission === undefined) return { kind: 'not_served' }
  if (!isToken(token)) return { kind: 'sign_in' }
  const found = await deps.store.read((ctx) => sessionAtResource(ctx, hashOf(token), resource, admission))
  if (found === undefined || found.kind !== forwardKind(host)) return { kind: 'sign_in' }
  if (found.state !== 'enabled' || found.expiresAt <= deps.clock.now()) return { kind: 'sign_in' }
  const { userId, email, groups } = found
  return found.isAdmitted
    ? { kind: 'pass', userId, email, groups: groups.toSorted() }
    : { kind: 'no_access', email }
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
  const resource = { kind: 'host', id: host } as const
  const admission = deps.access.admissionTo(resource)
  if (admission === undefined || !isToken(token)) return
  const id = hashOf(token)
  const found = await deps.store.read((ctx) => sessionAtResource(ctx, id, resource, admission))
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
