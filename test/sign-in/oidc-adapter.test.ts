import { createHash } from 'node:crypto'
import { isNotNull } from 'drizzle-orm'
import { errors } from 'oidc-provider'
import { expect, it } from 'vitest'
import { endSessions } from '#db/queries/local-users-sign-in.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import { createOidcAdapter, mostUnfinished } from '#src/sign-in/oidc/adapter.ts'
import { endSession, startSession } from '#src/sign-in/session.ts'
import { localUserDeps } from '#test/helpers/local-admin.ts'
import { localUserRow } from '#test/helpers/local-rows.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'

const exp = Math.floor(Date.UTC(2026, 5, 1) / 1_000)

/** Somebody with a page session, a Session and a Grant. */
async function stage(open: OpenStore) {
  const deps = localUserDeps(await open())
  const { store } = deps
  await store.write((ctx) =>
    insertLocalUsers(
      ctx,
      ['ann', 'bob'].map((id) => localUserRow(id)),
    ),
  )
  const begin = async (userId: string) =>
    (await store.write((ctx) => startSession(ctx, deps, { userId, kind: 'page', factors: ['password'] })))
      .sessionId
  const sessionId = await begin('ann')
  let here: string | undefined = sessionId
  let source = '192.0.2.1'
  const adapter = (kind: string) =>
    createOidcAdapter({ ...deps, pageSessionId: () => here, source: () => source }, kind)
  const session = { uid: 'u', accountId: 'ann', exp, kind: 'Session' }
  const grant = { accountId: 'ann', clientId: 'wiki', exp, kind: 'Grant', openid: { scope: 'openid' } }
  await adapter('Session').upsert('s', session, 60)
  await adapter('Grant').upsert('g', grant, 60)
  const token = {
    accountId: 'ann',
    clientId: 'wiki',
    grantId: 'g',
    sessionUid: 'u',
    expiresWithSession: true,
    exp,
  }
  const from = (id: string | undefined) => void (here = id)
  const at = (address: string) => void (source = address)
  return { deps, store, adapter, session, grant, token, sessionId, from, at, begin }
}

describeOnBothEngines('records of the OpenID provider', (open) => {
  it('are used up by one of several at the same moment, and all that came of them ends', async () => {
    const { adapter, token } = await stage(open)
    await adapter('RefreshToken').upsert('r', token, 60)
    const uses = await Promise.allSettled([1, 2, 3].map(() => adapter('RefreshToken').consume('r')))
    expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const reasons = uses.flatMap((use): unknown[] => (use.status === 'rejected' ? [use.reason] : []))
    expect(reasons).toEqual([expect.any(errors.InvalidGrant), expect.any(errors.InvalidGrant)])
    expect(await adapter('Grant').find('g')).toBeUndefined()
    await expect(adapter('AccessToken').upsert('a', token, 60)).rejects.toThrow(errors.InvalidGrant)
  })

  it('do not come back by a request that was under way when the person was ended', async () => {
    const { store, adapter, session, grant, token } = await stage(open)
    await store.write((ctx) => endSessions(ctx, ['ann']))
    for (const kind of ['AccessToken', 'RefreshToken', 'AuthorizationCode'])
      await expect(adapter(kind).upsert('late', token, 60)).rejects.toThrow(errors.InvalidGrant)
    await expect(adapter('Session').upsert('late', session, 60)).rejects.toThrow(errors.AccessDenied)
    await expect(adapter('Grant').upsert('late', grant, 60)).rejects.toThrow(errors.AccessDenied)
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))).toEqual([])
  })

  it('count only in a browser that is signed in as the same person by the same sign-in', async () => {
    const { deps, adapter, session, from, begin, sessionId } = await stage(open)
    expect(await adapter('Session').find('s')).toMatchObject({ accountId: 'ann', jti: 's' })
    for (const other of [await begin('bob'), await begin('ann'), undefined]) {
      from(other)
      expect(await adapter('Session').find('s')).toBeUndefined()
    }
    from(await begin('bob'))
    await expect(adapter('Session').upsert('x', session, 60)).rejects.toThrow(errors.AccessDenied)
    expect(await adapter('Session').findByUid('u')).toMatchObject({ accountId: 'ann' })
    deps.clock.move(13 * 60 * 60 * 1_000)
    expect(await adapter('Session').findByUid('u')).toBeUndefined()
    await endSession(deps, sessionId)
    expect(await adapter('Session').findByUid('u')).toBeUndefined()
  })

  it('that anybody may begin are limited by source, until they are finished or over', async () => {
    const { deps, store, adapter, at, from } = await stage(open)
    from(undefined)
    const ends = Math.floor(deps.clock.now().getTime() / 1_000) + 3_600
    const begin = (id: string) => adapter('Interaction').upsert(id, { exp: ends, kind: 'Interaction' }, 3_600)
    await begin('first')
    const first = await store.read((ctx) =>
      ctx.q.select().from(ctx.t.oidcRecords).where(isNotNull(ctx.t.oidcRecords.source)),
    )
    const more = Array.from({ length: mostUnfinished.perSource - 1 }, (_, n) => ({
      ...first[0]!,
      id: `more${n}`,
    }))
    await store.write((ctx) => ctx.q.insert(ctx.t.oidcRecords).values(more))
    await expect(begin('one too many')).rejects.toMatchObject({ statusCode: 429, allow_redirect: false })
    const nobodys = { uid: 'n', exp: ends, kind: 'Session' }
    await expect(adapter('Session').upsert('n', nobodys, 60)).rejects.toMatchObject({ statusCode: 429 })
    // What is there already goes on, and so does whoever is signed in.
    await begin('first')
    at('192.0.2.2')
    await begin('of another source')
    // All of an IPv6 /48 is one source here: it costs nothing.
    const ofIpv6 = createHash('sha256').update('2001:db8:7').digest('base64url')
    await store.write((ctx) =>
      ctx.q
        .insert(ctx.t.oidcRecords)
        .values(more.map((row) => ({ ...row, id: `v6${row.id}`, source: ofIpv6 }))),
    )
    at('2001:db8:7:1::1')
    await begin('the last of the network')
    at('2001:db8:7:2::1')
    await expect(begin('another source of the network')).rejects.toMatchObject({ statusCode: 429 })
    at('2001:db8:8::1')
    await begin('of another network')
    at('192.0.2.2')
    await adapter('Session').upsert('n', nobodys, 60)
    at('192.0.2.1')
    await adapter('Interaction').destroy('first')
    await begin('now there is room')
    await expect(begin('again one too many')).rejects.toMatchObject({ statusCode: 429 })
    deps.clock.move(3_600_000)
    await adapter('Interaction').upsert('an hour later', { exp: ends + 3_600, kind: 'Interaction' }, 3_600)
  })

  it('that anybody may begin are limited from everywhere together: the oldest make room', async () => {
    const { deps, store, adapter, from } = await stage(open)
    from(undefined)
    const ends = Math.floor(deps.clock.now().getTime() / 1_000) + 3_600
    const begin = (id: string) => adapter('Interaction').upsert(id, { exp: ends, kind: 'Interaction' }, 3_600)
    await begin('newest')
    const all = () => store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))
    const [first] = (await all()).filter(({ kind }) => kind === 'Interaction')
    const older = { ...first!, expiresAt: new Date((ends - 60) * 1_000) }
    for (let n = 0; n < mostUnfinished.all; n += 1_000) {
      const rows = Array.from({ length: 1_000 }, (_, k) => ({ ...older, id: `${n + k}`, source: `s${n}` }))
      await store.write((ctx) => ctx.q.insert(ctx.t.oidcRecords).values(rows))
    }
    for (let n = 0; n < 300 && (await all()).length > mostUnfinished.all; n += 1) await begin(`i${n}`)
    expect((await all()).length).toBeLessThanOrEqual(mostUnfinished.all)
    expect(await adapter('Interaction').find('newest')).toBeDefined()
    expect(await adapter('Session').findByUid('u')).toBeDefined()
  })

  it('without expiresWithSession outlive the sign-in, and not the grant', async () => {
    const { deps, store, adapter, grant, token, sessionId } = await stage(open)
    const openid = { scope: 'openid offline_access' }
    await adapter('Grant').upsert('g2', { ...grant, ...{ openid } }, 60)
    await adapter('RefreshToken').upsert('r2', { ...token, grantId: 'g2', expiresWithSession: false }, 60)
    await endSession(deps, sessionId)
    expect(await adapter('RefreshToken').find('r2')).toMatchObject({ grantId: 'g2' })
    expect(await adapter('Grant').find('g')).toBeUndefined()
    await adapter('RefreshToken').revokeByGrantId('g2')
    await adapter('Grant').destroy('g2')
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))).toEqual([])
  })
})
