import { expect, it } from 'vitest'
import { deleteOidcKeys, insertOidcKey, oidcKeys, resealOidcKey } from '#db/queries/oidc-keys.ts'
import {
  consumeOidcRecord,
  deleteOidcRecord,
  deleteOidcRecordsOfGrant,
  deleteOidcRecordsOfSessionsOverBefore,
  deleteOidcRecordsOverBefore,
  deleteOidcSignInsBefore,
  endOidcOfSessions,
  endOidcSignInsAt,
  findOidcRecord,
  findOidcRecordByUid,
  insertOidcSignIns,
  logoutJobKind,
  type OidcRecordRow,
  oidcRecordsOf,
  oidcSignInsOf,
  trimUnfinished,
  unfinishedFrom,
  upsertOidcRecord,
} from '#db/queries/oidc.ts'
import { endSessions, insertSession } from '#db/queries/local-users-sign-in.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import { endSessionTree } from '#db/queries/sign-in-sessions.ts'
import { localUserRow } from '#test/helpers/local-rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const start = new Date('2026-03-02T12:00:00.000Z')
const after = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

const row = (id: string, more: Partial<OidcRecordRow> = {}): OidcRecordRow => ({
  id,
  kind: 'AccessToken',
  userId: 'ann',
  grantId: null,
  uid: null,
  sessionId: null,
  source: null,
  payload: { scope: 'openid' },
  consumedAt: null,
  expiresAt: after(10),
  ...more,
})
const signIn = (sid: string, userId: string, sessionId: string) => ({
  sid,
  clientId: 'wiki',
  userId,
  sessionId,
  createdAt: start,
})

describeOnBothEngines('what the OpenID provider keeps', (open) => {
  it('is found by id and uid, replaced, and forgotten', async () => {
    const store = await open()
    const session = row('s', { kind: 'Session', uid: 'u', payload: { amr: ['pwd'], n: 1 } })
    await store.write((ctx) => upsertOidcRecord(ctx, session))
    expect(await store.read((ctx) => findOidcRecordByUid(ctx, 'Session', 'u'))).toEqual(session)
    expect(await store.read((ctx) => findOidcRecordByUid(ctx, 'Grant', 'u'))).toBeUndefined()
    await store.write((ctx) => upsertOidcRecord(ctx, { ...session, expiresAt: after(20) }))
    expect(await store.read((ctx) => findOidcRecord(ctx, 's'))).toEqual({ ...session, expiresAt: after(20) })
    await store.write((ctx) => deleteOidcRecord(ctx, 's'))
    expect(await store.read((ctx) => findOidcRecord(ctx, 's'))).toBeUndefined()
  })

  it('is used up once, also by two at the same moment', async () => {
    const store = await open()
    await store.write((ctx) => upsertOidcRecord(ctx, row('code', { kind: 'AuthorizationCode' })))
    const take = () => store.write((ctx) => consumeOidcRecord(ctx, 'code', after(1)))
    expect((await Promise.all([take(), take(), take()])).filter(Boolean)).toHaveLength(1)
    expect((await store.read((ctx) => findOidcRecord(ctx, 'code')))?.consumedAt).toEqual(after(1))
    expect(await store.write((ctx) => consumeOidcRecord(ctx, 'none', after(1)))).toBe(false)
  })

  it('goes with its grant, kind by kind or as a whole, and with its time', async () => {
    const store = await open()
    const left = async () => {
      const found = await Promise.all(
        ['a', 'r', 'o'].map((id) => store.read((ctx) => findOidcRecord(ctx, id))),
      )
      return found.flatMap((one) => (one === undefined ? [] : [one.id]))
    }
    await store.write(async (ctx) => {
      await upsertOidcRecord(ctx, row('a', { grantId: 'g' }))
      await upsertOidcRecord(ctx, row('r', { grantId: 'g', kind: 'RefreshToken' }))
      await upsertOidcRecord(ctx, row('o', { grantId: 'other', expiresAt: after(5) }))
    })
    await store.write((ctx) => deleteOidcRecordsOfGrant(ctx, 'g', 'AccessToken'))
    expect(await left()).toEqual(['r', 'o'])
    await store.write((ctx) => deleteOidcRecordsOfGrant(ctx, 'g'))
    expect(await left()).toEqual(['o'])
    await store.write((ctx) => deleteOidcRecordsOverBefore(ctx, after(5), 10))
    expect(await left()).toEqual(['o'])
    await store.write((ctx) => deleteOidcRecordsOverBefore(ctx, after(6), 10))
    expect(await left()).toEqual([])
  })

  it('is forgotten in pieces when it is over', async () => {
    const store = await open()
    await store.write(async (ctx) => {
      for (const id of ['a', 'b', 'c', 'd']) await upsertOidcRecord(ctx, row(id))
      await upsertOidcRecord(ctx, row('later', { expiresAt: after(20) }))
    })
    const forget = () => store.write((ctx) => deleteOidcRecordsOverBefore(ctx, after(11), 3))
    expect([await forget(), await forget(), await forget()]).toEqual([3, 1, 0])
    expect(await store.read((ctx) => findOidcRecord(ctx, 'later'))).toBeDefined()
  })

  it('is forgotten with a page session that ended by itself', async () => {
    const store = await open()
    const session = { userId: 'ann', kind: 'page', factors: [], label: '', createdAt: start }
    await store.write(async (ctx) => {
      await insertLocalUsers(ctx, [localUserRow('ann')])
      await insertSession(ctx, { ...session, id: 'over', expiresAt: after(5) })
      await insertSession(ctx, { ...session, id: 'open', expiresAt: after(15) })
      for (const [id, sessionId] of Object.entries({ a: 'over', b: 'over', c: 'open', d: null }))
        await upsertOidcRecord(ctx, row(id, { sessionId, expiresAt: after(600) }))
    })
    const forget = () => store.write((ctx) => deleteOidcRecordsOfSessionsOverBefore(ctx, after(10), 1))
    expect([await forget(), await forget(), await forget()]).toEqual([1, 1, 0])
    const left = await store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))
    expect(left.map(({ id }) => id).toSorted()).toEqual(['c', 'd'])
  })

  it('counts by source while it is unfinished, and makes room by the oldest', async () => {
    const store = await open()
    const begun = (id: string, source: string | null, minutes: number) =>
      row(id, { kind: 'Interaction', userId: null, source, expiresAt: after(minutes) })
    await store.write(async (ctx) => {
      for (let n = 0; n < 11; n += 1)
        await upsertOidcRecord(ctx, begun(`i${n}`, n < 5 ? 'one' : 'two', 10 + n))
      await upsertOidcRecord(ctx, begun('signed in', null, 1))
    })
    const count = (source: string, at: Date) => store.read((ctx) => unfinishedFrom(ctx, source, at))
    expect([await count('one', start), await count('two', start), await count('three', start)]).toEqual([
      5, 6, 0,
    ])
    expect(await count('one', after(12))).toBe(2)
    expect(await store.write((ctx) => trimUnfinished(ctx, 11))).toBe(0)
    expect(await count('one', start)).toBe(5)
    expect(await store.write((ctx) => trimUnfinished(ctx, 10))).toBe(2)
    expect([await count('one', start), await count('two', start)]).toEqual([3, 6])
    expect(await store.read((ctx) => findOidcRecord(ctx, 'signed in'))).toBeDefined()
  })

  it('ends with its person, in one transaction with the jobs that tell relying parties', async () => {
    const store = await open()
    await store.write(async (ctx) => {
      for (const kind of ['Session', 'Grant', 'RefreshToken', 'AccessToken', 'AuthorizationCode'])
        await upsertOidcRecord(ctx, row(kind, { kind }))
      await upsertOidcRecord(ctx, row('bobs', { userId: 'bob' }))
      await insertOidcSignIns(ctx, [signIn('sid1', 'ann', 'p1'), signIn('sid2', 'bob', 'p2')])
      await insertOidcSignIns(ctx, [signIn('sid1', 'ann', 'p1')])
    })
    await store.write((ctx) => endSessions(ctx, ['ann']))
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))).toHaveLength(1)
    expect((await store.read((ctx) => oidcSignInsOf(ctx, ['ann', 'bob']))).map(({ sid }) => sid)).toEqual([
      'sid2',
    ])
    const jobs = await store.read((ctx) => ctx.q.select().from(ctx.t.jobs))
    expect(jobs.map(({ kind, payload }) => ({ kind, payload }))).toEqual([
      { kind: logoutJobKind, payload: { sid: 'sid1', clientId: 'wiki', userId: 'ann' } },
    ])
  })

  it('ends with the page session that it came out of, and not with another one', async () => {
    const store = await open()
    await store.write(async (ctx) => {
      await upsertOidcRecord(ctx, row('one', { sessionId: 'p1' }))
      await upsertOidcRecord(ctx, row('two', { sessionId: 'p2' }))
      await upsertOidcRecord(ctx, row('offline'))
      await insertOidcSignIns(ctx, [signIn('sid1', 'ann', 'p1'), signIn('sid2', 'ann', 'p2')])
    })
    await store.write((ctx) => endSessionTree(ctx, 'p1'))
    const rows = await store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))
    expect(rows.map(({ id }) => id).toSorted()).toEqual(['offline', 'two'])
    await store.write((ctx) => endOidcOfSessions(ctx, ['p2']))
    expect(await store.read((ctx) => oidcSignInsOf(ctx, ['ann']))).toEqual([])
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.jobs))).toHaveLength(2)
  })

  it('ends at one relying party, for one person', async () => {
    const store = await open()
    await store.write(async (ctx) => {
      for (const [id, userId] of [
        ['a', 'ann'],
        ['b', 'bob'],
      ] as const)
        await upsertOidcRecord(ctx, row(id, { userId }))
      const shop = { ...signIn('sid4', 'ann', 'p1'), clientId: 'shop' }
      const wiki = [signIn('sid1', 'ann', 'p1'), signIn('sid2', 'ann', 'p2'), signIn('sid3', 'bob', 'p3')]
      await insertOidcSignIns(ctx, [...wiki, shop])
    })
    expect((await store.read((ctx) => oidcRecordsOf(ctx, 'ann'))).map(({ id }) => id)).toEqual(['a'])
    const end = () => store.write((ctx) => endOidcSignInsAt(ctx, { userId: 'ann', clientId: 'wiki' }))
    expect([await end(), await end()]).toEqual([2, 0])
    const left = await store.read((ctx) => oidcSignInsOf(ctx, ['ann', 'bob']))
    expect(left.map(({ sid }) => sid).toSorted()).toEqual(['sid3', 'sid4'])
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.jobs))).toHaveLength(2)
  })

  it('forgets sign-ins at relying parties that are long over', async () => {
    const store = await open()
    await store.write((ctx) => insertOidcSignIns(ctx, [signIn('sid1', 'ann', 'p1')]))
    await store.write((ctx) => deleteOidcSignInsBefore(ctx, start))
    expect(await store.read((ctx) => oidcSignInsOf(ctx, ['ann']))).toHaveLength(1)
    await store.write((ctx) => deleteOidcSignInsBefore(ctx, after(1)))
    expect(await store.read((ctx) => oidcSignInsOf(ctx, ['ann']))).toEqual([])
  })

  it('has signing keys in the order in which they sign', async () => {
    const store = await open()
    const key = (id: string, signsFrom: Date) => ({
      id,
      publicJwk: { kty: 'RSA' },
      sealed: 'old',
      createdAt: start,
      signsFrom,
    })
    await store.write((ctx) => insertOidcKey(ctx, key('later', after(5))))
    await store.write((ctx) => insertOidcKey(ctx, key('now', start)))
    await store.write((ctx) => resealOidcKey(ctx, 'now', 'new'))
    const rows = await store.read((ctx) => oidcKeys(ctx))
    expect(rows.map(({ id, sealed }) => [id, sealed])).toEqual([
      ['now', 'new'],
      ['later', 'old'],
    ])
    await store.write((ctx) => deleteOidcKeys(ctx, ['now']))
    expect(await store.read((ctx) => oidcKeys(ctx))).toHaveLength(1)
  })
})
