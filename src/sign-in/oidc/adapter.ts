import { createHash } from 'node:crypto'
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { z } from 'zod'
import {
  consumeOidcRecord,
  deleteOidcRecord,
  deleteOidcRecordsOfGrant,
  findOidcRecord,
  findOidcRecordByUid,
  insertOidcSignIns,
  type OidcRecordRow,
  trimUnfinished,
  unfinishedFrom,
  upsertOidcRecord,
} from '#db/queries/oidc.ts'
import { sessionWithUser } from '#db/queries/sign-in-sessions.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { tooManyUnfinished } from '#src/sign-in/oidc/refusals.ts'
import type { OidcDeps } from '#src/sign-in/oidc/settings.ts'
import { networkOf } from '#src/sign-in/source.ts'

/** What an adapter needs to know of the request under way. */
export interface AdapterDeps extends Pick<OidcDeps, 'store' | 'clock' | 'onLimit'> {
  /** By which page session its browser is signed in, if any. */
  readonly pageSessionId: () => string | undefined
  /** Whence it comes. */
  readonly source: () => string
}

/**
 * How many sign-ins may be under way: from one source, beyond which a new one is refused, and from all together, beyond
 * which the oldest are forgotten. Anybody can begin one; a thousand people behind one address may do so at once.
 */
export const mostUnfinished = { perSource: 1_000, all: 20_000 } as const

const Payload = z.custom<AdapterPayload>((value) => typeof value === 'object' && value !== null)

/**
 * Keeps the provider's records of one kind on our store. A record is written only while what it hangs on is there, in one
 * transaction: a Session and a Grant on the page session, everything else on its Grant. So nothing that was ended comes
 * back by a request that was under way.
 */
export function createOidcAdapter(deps: AdapterDeps, kind: string): Adapter {
  const { store, clock } = deps
  const keyOf = (id: string) => recordId(kind, id)
  return {
    async upsert(id, payload, expiresIn = 0) {
      const now = clock.now()
      const { jti: _, session: __, exp, ...rest } = kind === 'Interaction' ? onItsOwn(payload) : payload
      await store.write(async (ctx) => {
        const sessionId = await rootOf(ctx, deps, kind, { ...payload, grantId: rest.grantId })
        const source = await placeOf(ctx, deps, { id: keyOf(id), kind, userId: payload.accountId })
        await upsertOidcRecord(ctx, {
          id: keyOf(id),
          kind,
          userId: payload.accountId ?? null,
          grantId: rest.grantId ?? null,
          uid: kind === 'Session' ? (payload.uid ?? null) : null,
          sessionId,
          source,
          payload: { ...rest, exp },
          consumedAt: null,
          expiresAt: new Date(exp === undefined ? now.getTime() + expiresIn * 1_000 : exp * 1_000),
        })
        if (kind === 'Session' && sessionId !== null) await keepSignIns(ctx, payload, sessionId, now)
      })
    },

    async find(id) {
      const row = await store.read((ctx) => findOidcRecord(ctx, keyOf(id)))
      if (row === undefined) return undefined
      // Who signs out or signs in as somebody else on our page takes no session of the provider along.
      if (kind === 'Session' && row.userId !== null && row.sessionId !== deps.pageSessionId())
        return undefined
      return { ...payloadOf(row), jti: id }
    },

    async findByUid(uid) {
      return await store.read(async (ctx) => {
        const row = await findOidcRecordByUid(ctx, kind, uid)
        if (row === undefined) return undefined
        const isOpen = row.sessionId !== null && (await isLive(ctx, deps, row.sessionId, row.userId))
        return isOpen ? payloadOf(row) : undefined
      })
    },

    // Of the device flow, which is off.
    findByUserCode: async () => undefined,

    async consume(id) {
      const isFirst = await store.write((ctx) => consumeOidcRecord(ctx, keyOf(id), clock.now()))
      if (isFirst) return
      // Two at the same moment: one of them is a replay, and nobody knows which.
      const row = await store.read((ctx) => findOidcRecord(ctx, keyOf(id)))
      const grantId = row?.grantId ?? undefined
      if (grantId !== undefined) await store.write((ctx) => endGrant(ctx, grantId))
      throw new errors.InvalidGrant('already used')
    },

    async destroy(id) {
      await store.write((ctx) => deleteOidcRecord(ctx, keyOf(id)))
    },

    async revokeByGrantId(grantId) {
      await store.write((ctx) => deleteOidcRecordsOfGrant(ctx, grantId, kind))
    },
  }
}

/**
 * A sign-in that is under way hangs on nothing: who signs in anew meanwhile ends the session and the grant before it. That
 * it is the same browser is proven by its cookie.
 */
function onItsOwn(payload: AdapterPayload): AdapterPayload {
  const { grantId: _, ...rest } = payload
  return rest
}

/** What is kept of the id that a browser or a relying party shows. */
function recordId(kind: string, id: string): string {
  return createHash('sha256').update(`${kind}:${id}`).digest('base64url')
}

function payloadOf(row: OidcRecordRow): AdapterPayload {
  const payload = Payload.parse(row.payload)
  return row.consumedAt === null
    ? payload
    : { ...payload, consumed: Math.floor(row.consumedAt.getTime() / 1_000) }
}

async function isLive(
  ctx: ReadContext,
  { clock }: AdapterDeps,
  sessionId: string,
  userId: string | null,
): Promise<boolean> {
  const found = await sessionWithUser(ctx, sessionId)
  if (found === undefined || found.user.id !== userId || found.user.state !== 'enabled') return false
  return found.session.expiresAt > clock.now()
}

/** The page session with which a record ends, null for none. Throws when what the record hangs on is gone. */
async function rootOf(
  ctx: ReadContext,
  deps: AdapterDeps,
  kind: string,
  payload: AdapterPayload,
): Promise<string | null> {
  const { accountId, grantId, sessionUid } = payload
  const isOfBrowser = kind === 'Session' || kind === 'Grant'
  if (isOfBrowser && accountId === undefined) return null
  if (!isOfBrowser && grantId === undefined) return null
  if (grantId !== undefined && (await findOidcRecord(ctx, recordId('Grant', grantId))) === undefined)
    throw new errors.InvalidGrant('grant not found')
  // These are written while a browser is here; its Session is written after its first code.
  if (isOfBrowser || kind === 'AuthorizationCode') {
    const sessionId = deps.pageSessionId()
    if (sessionId === undefined || !(await isLive(ctx, deps, sessionId, accountId ?? null)))
      throw new errors.AccessDenied('the sign-in has ended')
    return kind === 'Grant' && isOffline(payload) ? null : sessionId
  }
  if (payload.expiresWithSession !== true || sessionUid === undefined) return null
  const session = await findOidcRecordByUid(ctx, 'Session', sessionUid)
  if (session?.sessionId === undefined || session.sessionId === null)
    throw new errors.InvalidGrant('the sign-in has ended')
  return session.sessionId
}

/** Under which source a record counts that anybody may begin, null for others. Throws when there are too many from there. */
async function placeOf(
  ctx: WriteContext,
  deps: AdapterDeps,
  { id, kind, userId }: { readonly id: string; readonly kind: string; readonly userId: string | undefined },
): Promise<string | null> {
  if (kind !== 'Interaction' && (kind !== 'Session' || userId !== undefined)) return null
  const known = await findOidcRecord(ctx, id)
  if (known !== undefined) return known.source
  const source = createHash('sha256').update(networkOf(deps.source())).digest('base64url')
  if ((await unfinishedFrom(ctx, source, deps.clock.now())) >= mostUnfinished.perSource) {
    deps.onLimit?.('openid_by_source')
    throw tooManyUnfinished()
  }
  // Counting all of them takes long where there are many: one of 64 does it, by the hash that its id is.
  const forgotten = id.startsWith('A') ? await trimUnfinished(ctx, mostUnfinished.all) : 0
  if (forgotten > 0) deps.onLimit?.('openid_altogether', forgotten)
  return source
}

const GrantPayload = z.looseObject({ openid: z.looseObject({ scope: z.string().optional() }).optional() })

function isOffline(payload: AdapterPayload): boolean {
  const scopes = GrantPayload.parse(payload).openid?.scope?.split(' ') ?? []
  return scopes.includes('offline_access')
}

/** Remembers the relying parties that have to hear of the end, and records each sign-in there once. */
async function keepSignIns(
  ctx: WriteContext,
  payload: AdapterPayload,
  sessionId: string,
  now: Date,
): Promise<void> {
  const { accountId: userId = '', authorizations = {} } = payload
  const rows = Object.entries(authorizations).flatMap(([clientId, { sid }]) =>
    sid === undefined ? [] : [{ sid, clientId, userId, sessionId, createdAt: now }],
  )
  for (const { clientId } of await insertOidcSignIns(ctx, rows))
    await record(ctx, now, {
      kind: 'relying_party_signed_in',
      actor: `local:${userId}`,
      facts: { userId, clientId },
    })
}

async function endGrant(ctx: WriteContext, grantId: string): Promise<void> {
  await deleteOidcRecordsOfGrant(ctx, grantId)
  await deleteOidcRecord(ctx, recordId('Grant', grantId))
}
