import { insertAccessTicket, takeAccessTicket } from '#db/queries/access-tickets.ts'
import type { WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { type Secret, secret } from '#src/secrets.ts'
import { mayReach } from '#src/sign-in/access-rules.ts'
import { type ForwardAuthDeps, forwardKind, hashOf, isToken } from '#src/sign-in/forward-auth.ts'
import { findSessionById, type SignedIn, startSession } from '#src/sign-in/session.ts'

/** For how long a ticket counts: one redirect. */
export const ticketMs = 60_000

/** Where a sign-in goes: a configured host, and path with query on it. */
export interface Destination {
  readonly host: string
  readonly path: string
}

// It travels percent-encoded, inside an address inside an address.
const longestPath = 1_200

/**
 * Reads an address on a protected host: https, a configured host, nothing before it. Undefined for everything else, so
 * that nobody is ever sent elsewhere. A path that is too long becomes the host's first page.
 */
export function readDestination(
  deps: Pick<ForwardAuthDeps, 'access'>,
  text: string,
): Destination | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined
  if (deps.access.admissionTo({ kind: 'host', id: url.host }) === undefined) return undefined
  const path = `${url.pathname}${url.search}`
  // A path that begins with two slashes would be a host where somebody forgets to write ours before it.
  return { host: url.host, path: path.length > longestPath || path.startsWith('//') ? '/' : path }
}

/** An address on a host as browsers take it. */
export function addressOf({ host, path }: Destination): string {
  return `https://${host}${path}`
}

/** What came of asking for a ticket. */
export type TicketIssued =
  | { readonly kind: 'issued'; readonly ticket: Secret }
  | { readonly kind: 'no_access' }

/**
 * Issues a ticket to somebody who is signed in on Drawbridge's own page. `browserHash` is the hash of the word that the
 * browser got on the host: the ticket counts in that browser only, so that nobody is signed in as somebody else by a link.
 * A refusal is kept in the audit trail.
 */
export async function issueTicket(
  deps: ForwardAuthDeps,
  person: Pick<SignedIn, 'sessionId' | 'userId'>,
  to: Destination & { readonly browserHash: string },
): Promise<TicketIssued> {
  const { host, path: returnTo, browserHash } = to
  if (!(await mayReach(deps, person.userId, { kind: 'host', id: host }))) {
    await deps.store.write((ctx) => keep(ctx, deps, 'protected_host_refused', person.userId, host))
    return { kind: 'no_access' }
  }
  const ticket = newId()
  const expiresAt = new Date(deps.clock.now().getTime() + ticketMs)
  const { sessionId, userId } = person
  await deps.store.write((ctx) =>
    insertAccessTicket(ctx, {
      id: hashOf(ticket),
      host,
      browserHash,
      userId,
      sessionId,
      returnTo,
      expiresAt,
    }),
  )
  return { kind: 'issued', ticket: secret(ticket) }
}

/**
 * Takes a ticket on the host and begins a session that counts there and ends with the page session. Undefined when the
 * ticket is unknown, used, over, of another host or another browser, or the page session has ended meanwhile.
 */
export async function redeemTicket(
  deps: ForwardAuthDeps,
  shown: { readonly host: string; readonly ticket: string; readonly browserWord: string | undefined },
): Promise<{ readonly token: Secret; readonly path: string } | undefined> {
  const { host, ticket, browserWord = '' } = shown
  if (!isToken(ticket) || !isToken(browserWord)) return undefined
  const now = deps.clock.now()
  const wanted = { id: hashOf(ticket), host, browserHash: hashOf(browserWord) }
  const taken = await deps.store.write((ctx) => takeAccessTicket(ctx, wanted, now))
  if (taken === undefined) return undefined
  const { userId, sessionId: parentId, returnTo } = taken
  const parent = await findSessionById(deps, parentId)
  if (parent === undefined) return undefined
  try {
    const kind = forwardKind(host)
    const { token } = await deps.store.write(async (ctx) => {
      await keep(ctx, deps, 'protected_host_signed_in', userId, host)
      return await startSession(ctx, deps, { userId, kind, factors: parent.factors, parentId, label: host })
    })
    return { token, path: returnTo }
  } catch (error) {
    if (error instanceof UserError && error.code === 'stale') return undefined
    throw error
  }
}

async function keep(
  ctx: WriteContext,
  { clock }: Pick<ForwardAuthDeps, 'clock'>,
  kind: 'protected_host_signed_in' | 'protected_host_refused',
  userId: string,
  host: string,
): Promise<void> {
  await record(ctx, clock.now(), { kind, actor: `local:${userId}`, facts: { userId, host } })
}

/** A word by which a browser is known on a host while it signs in. */
export function newBrowserWord(): Secret {
  return secret(newId())
}
