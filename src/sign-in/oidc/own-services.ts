import { z } from 'zod'
import { sessionsOf } from '#db/queries/local-users-sign-in.ts'
import {
  deleteOidcRecord,
  endOidcSignInsAt,
  type OidcRecordRow,
  oidcRecordsOf,
  oidcSignInsOf,
  upsertOidcRecord,
} from '#db/queries/oidc.ts'
import { record } from '#src/audit/audit.ts'
import type { Clock } from '#src/clock.ts'
import { type AccessDeps, mayReach, type NamedResource } from '#src/sign-in/access-rules.ts'
import { forwardKind } from '#src/sign-in/forward-auth.ts'

/** A service or protected host as one person has it. */
export interface OwnService extends NamedResource {
  /** Whether a rule lets them in now. */
  readonly mayReach: boolean
  /** Since when they are signed in there; undefined when they are not. */
  readonly signedInAt: Date | undefined
  /** Until when it may act for them also while they are signed in nowhere (`offline_access`); undefined when it may not. */
  readonly offlineUntil: Date | undefined
}

/** What the services of a person are found with. */
export interface OwnServiceDeps extends AccessDeps {
  readonly clock: Clock
}

const OfClient = z.looseObject({ clientId: z.string().optional() })
const WithAuthorizations = z.looseObject({ authorizations: z.record(z.string(), z.unknown()).optional() })

/** What a person may reach or is signed in at, in the order of the configuration. */
export async function ownServices(deps: OwnServiceDeps, userId: string): Promise<readonly OwnService[]> {
  const { store, clock, access } = deps
  const now = clock.now()
  const { sessions, signIns, records } = await store.read(async (ctx) => ({
    sessions: (await sessionsOf(ctx, [userId])).filter(({ expiresAt }) => expiresAt > now),
    signIns: await oidcSignInsOf(ctx, [userId]),
    records: (await oidcRecordsOf(ctx, userId)).filter(({ expiresAt }) => expiresAt > now),
  }))
  const signedInAt = ({ kind, id }: NamedResource): Date | undefined =>
    kind === 'host'
      ? first(sessions.filter((one) => one.kind === forwardKind(id)).map(({ createdAt }) => createdAt))
      : first(
          signIns
            .filter((one) => one.clientId === id && sessions.some((session) => session.id === one.sessionId))
            .map(({ createdAt }) => createdAt),
        )
  const offlineUntil = ({ kind, id }: NamedResource): Date | undefined => {
    if (kind === 'host') return undefined
    const offline = records.filter((row) => row.kind === 'RefreshToken' && row.sessionId === null)
    return first(
      offline.filter((row) => clientOf(row) === id).map(({ expiresAt }) => expiresAt),
      'last',
    )
  }
  const all = await Promise.all(
    access.resources.map(async (one) => ({
      ...one,
      mayReach: await mayReach(deps, userId, one),
      signedInAt: signedInAt(one),
      offlineUntil: offlineUntil(one),
    })),
  )
  return all.filter((one) => one.mayReach || one.signedInAt !== undefined || one.offlineUntil !== undefined)
}

/**
 * Ends what an OpenID client has of a person: its tokens and grants, and the sign-ins there, of which it is told. Their
 * sign-in here goes on. Where there was nothing, nothing happens.
 */
export async function endOwnService(deps: OwnServiceDeps, userId: string, clientId: string): Promise<void> {
  await deps.store.write(async (ctx) => {
    const rows = await oidcRecordsOf(ctx, userId)
    const theirs = rows.filter((row) => clientOf(row) === clientId)
    for (const { id } of theirs) await deleteOidcRecord(ctx, id)
    // The next sign-in there is another one, under another name.
    for (const row of rows.filter(({ kind }) => kind === 'Session'))
      await upsertOidcRecord(ctx, { ...row, payload: withoutClient(row.payload, clientId) })
    const ended = await endOidcSignInsAt(ctx, { userId, clientId })
    if (ended + theirs.length === 0) return
    const facts = { userId, clientId }
    await record(ctx, deps.clock.now(), { kind: 'relying_party_ended', actor: `local:${userId}`, facts })
  })
}

function withoutClient(payload: unknown, clientId: string): unknown {
  const { authorizations = {}, ...rest } = WithAuthorizations.parse(payload)
  const { [clientId]: _, ...others } = authorizations
  return { ...rest, authorizations: others }
}

function clientOf({ payload }: OidcRecordRow): string | undefined {
  return OfClient.parse(payload).clientId
}

function first(dates: readonly Date[], which: 'first' | 'last' = 'first'): Date | undefined {
  const sorted = dates.toSorted((one, other) => one.getTime() - other.getTime())
  return which === 'first' ? sorted[0] : sorted.at(-1)
}
