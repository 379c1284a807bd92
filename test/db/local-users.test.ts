import { expect, it } from 'vitest'
import { countOf, givePlacesBack, takePlaces } from '#db/queries/local-counts.ts'
import {
  addMembers,
  deleteLocalGroups,
  groupsOfUsers,
  insertLocalGroups,
  localGroupsByIds,
  localGroupsByNameKeys,
  localGroupsBySeqs,
  memberIds,
  removeFromAllGroups,
  removeMembers,
  updateLocalGroup,
} from '#db/queries/local-groups.ts'
import { localGroupPage } from '#db/queries/local-groups-search.ts'
import {
  endSessions,
  forgetPassword,
  insertSession,
  keepPassword,
  passwordChangedAt,
  passwordHashOf,
  sessionsOf,
} from '#db/queries/local-users-sign-in.ts'
import { countLocalUsers, localUserIds, localUserPage } from '#db/queries/local-users-search.ts'
import {
  deleteLocalUsers,
  insertLocalUsers,
  insertTombstones,
  keepLink,
  keepMailProblem,
  localUserDescriptions,
  localUsersByEmailKeys,
  localUsersByIds,
  localUsersBySeqs,
  takeTombstones,
  tombstoneKeys,
  updateLocalUser,
  updateLocalUsers,
} from '#db/queries/local-users.ts'
import { claimMail, deleteMail, dueMails, insertMails, nextMailAt, postponeMail } from '#db/queries/mails.ts'
import { ConflictError, type ReadContext, type Store, type WriteContext } from '#db/store.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { after, start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const ids = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id).toSorted()

async function withPeople(open: () => Promise<Store>) {
  const store = await open()
  const write = <T>(work: (ctx: WriteContext) => Promise<T>) => store.write(work)
  const read = <T>(work: (ctx: ReadContext) => Promise<T>) => store.read(work)
  await write((ctx) =>
    insertLocalUsers(ctx, [
      localUserRow('ann', { description: '100% sales', createdAt: after(1) }),
      localUserRow('bob', { state: 'disabled', enrolledAt: start, createdAt: after(3) }),
      localUserRow('eve', { linkExpiresAt: after(-1), createdAt: after(2) }),
    ]),
  )
  return { store, write, read }
}

describeOnBothEngines('Local users', (open) => {
  it('are found by id and by address, and no address is there twice', async () => {
    const { write, read } = await withPeople(open)
    expect(await read((ctx) => localUsersByIds(ctx, ['ann', 'nobody']))).toMatchObject([
      { id: 'ann', email: 'Ann@corp.example', state: 'enabled', heldSince: null, createdAt: after(1) },
    ])
    expect(ids(await read((ctx) => localUsersByEmailKeys(ctx, ['ann@corp.example', 'x@y.z'])))).toEqual([
      'ann',
    ])
    const described = await read(localUserDescriptions)
    expect(described.get('ann@corp.example')?.description).toBe('100% sales')
    const twin = localUserRow('twin', { emailKey: 'ann@corp.example' })
    await expect(write((ctx) => insertLocalUsers(ctx, [twin]))).rejects.toBeInstanceOf(ConflictError)
  })

  it('are searched, filtered, sorted and cut into pages', async () => {
    const { read } = await withPeople(open)
    const now = start
    const find = (search: object, page: object = {}) =>
      read(async (ctx) => {
        const asked = { sort: 'email', size: 10, number: 0, ...page } as const
        const { seqs, total } = await localUserPage(ctx, { now, ...search }, asked)
        const rows = new Map((await localUsersBySeqs(ctx, seqs)).map((row) => [row.seq, row.id]))
        expect(await countLocalUsers(ctx, { now, ...search })).toBe(total)
        return seqs.map((seq) => rows.get(seq))
      })
    expect(await find({})).toEqual(['ann', 'bob', 'eve'])
    expect(await find({}, { sort: 'newest' })).toEqual(['bob', 'eve', 'ann'])
    expect(await find({}, { size: 2, number: 1 })).toEqual(['eve'])
    expect(await find({ text: ' 100% ' })).toEqual(['ann'])
    expect(await find({ text: 'ann_' })).toEqual([])
    expect(await find({ text: 'CORP.example' })).toEqual(['ann', 'bob', 'eve'])
    expect(await find({ state: 'disabled' })).toEqual(['bob'])
    expect(await find({ enrollment: 'waiting' })).toEqual(['ann'])
    expect(await find({ enrollment: 'expired' })).toEqual(['eve'])
    expect(await find({ enrollment: 'enrolled' })).toEqual(['bob'])
    expect(await read((ctx) => localUserIds(ctx, { now, state: 'enabled' }))).toEqual(['ann', 'eve'])
    expect(await read((ctx) => countLocalUsers(ctx, { now, enrollment: 'expired' }))).toBe(1)
  })

  it('change only where the version is still the one that was read', async () => {
    const { write, read } = await withPeople(open)
    const change = (version: number, description: string) =>
      write((ctx) => updateLocalUser(ctx, { id: 'ann', version }, { description }))
    expect(await change(1, 'first')).toBe(true)
    expect(await change(1, 'late')).toBe(false)
    await write((ctx) => updateLocalUsers(ctx, ['ann', 'bob'], { state: 'disabled' }, true))
    await write((ctx) => updateLocalUsers(ctx, ['bob'], { state: 'enabled' }))
    expect(await read((ctx) => localUsersByIds(ctx, ['ann']))).toMatchObject([
      { description: 'first', version: 3, state: 'disabled', generation: 2 },
    ])
    expect(await read((ctx) => localUsersByIds(ctx, ['bob']))).toMatchObject([
      { version: 3, state: 'enabled', generation: 2 },
    ])
  })

  it('keep a link only while it is the newest one and the person is not enrolled', async () => {
    const { write, read } = await withPeople(open)
    const keep = (userId: string, generation: number) =>
      write((ctx) =>
        keepLink(ctx, { userId, generation }, { linkHash: `of ${generation}`, linkExpiresAt: after(9) }),
      )
    expect(await keep('ann', 1)).toBe(true)
    expect(await keep('ann', 2)).toBe(false)
    expect(await keep('bob', 1)).toBe(false)
    await write((ctx) => keepMailProblem(ctx, 'ann', 'full'))
    expect(await read((ctx) => localUsersByIds(ctx, ['ann']))).toMatchObject([
      { linkHash: 'of 1', linkExpiresAt: after(9), mailProblem: 'full', version: 1 },
    ])
  })

  it('go with their password, their mails and nothing of others', async () => {
    const { write, read } = await withPeople(open)
    for (const userId of ['ann', 'bob']) {
      await write((ctx) => keepPassword(ctx, { userId, hash: 'old', changedAt: start }))
      await write((ctx) => keepPassword(ctx, { userId, hash: `of ${userId}`, changedAt: after(1) }))
      await write((ctx) =>
        insertMails(ctx, [{ kind: 'enrollment', userId, generation: 1, notBefore: start, createdAt: start }]),
      )
    }
    await write((ctx) => deleteLocalUsers(ctx, ['ann']))
    expect(await read((ctx) => localUserIds(ctx, { now: start }))).toEqual(['bob', 'eve'])
    expect(await read((ctx) => passwordHashOf(ctx, 'ann'))).toBeUndefined()
    expect(await read((ctx) => passwordHashOf(ctx, 'bob'))).toBe('of bob')
    expect(await read((ctx) => passwordChangedAt(ctx, 'bob'))).toEqual(after(1))
    expect(await read((ctx) => passwordChangedAt(ctx, 'ann'))).toBeUndefined()
    const due = { now: start, after: 0, limit: 9 }
    expect(await read((ctx) => dueMails(ctx, due))).toMatchObject([{ userId: 'bob', attempt: 0 }])
    await write((ctx) => forgetPassword(ctx, 'bob'))
    expect(await read((ctx) => passwordHashOf(ctx, 'bob'))).toBeUndefined()
  })

  it('leave a tombstone that is taken once', async () => {
    const { write, read } = await withPeople(open)
    const stone = {
      emailKey: 'a@b.example',
      userId: 'ann',
      heldSince: start,
      generation: 4,
      createdAt: after(1),
    }
    await write((ctx) => insertTombstones(ctx, [stone]))
    await write((ctx) => insertTombstones(ctx, [{ ...stone, userId: 'other' }]))
    expect(await read(tombstoneKeys)).toEqual(['a@b.example'])
    expect(await write((ctx) => takeTombstones(ctx, ['a@b.example', 'c@d.example']))).toEqual([stone])
    expect(await write((ctx) => takeTombstones(ctx, ['a@b.example']))).toEqual([])
  })

  it('have sessions that end together', async () => {
    const { write, read } = await withPeople(open)
    const session = (id: string, userId: string) => ({
      id,
      userId,
      kind: 'session',
      createdAt: start,
      expiresAt: after(9),
    })
    for (const [id, userId] of [
      ['s1', 'ann'],
      ['s2', 'ann'],
      ['s3', 'bob'],
    ] as const)
      await write((ctx) => insertSession(ctx, session(id, userId)))
    expect(await write((ctx) => endSessions(ctx, ['ann', 'eve']))).toBe(2)
    expect(ids(await read((ctx) => sessionsOf(ctx, ['ann', 'bob'])))).toEqual(['s3'])
  })

  it('get mails in the order of asking, each when its time has come', async () => {
    const { write, read } = await withPeople(open)
    const mail = (userId: string) => ({
      kind: 'enrollment',
      userId,
      generation: 1,
      notBefore: start,
      createdAt: start,
    })
    expect(await read((ctx) => nextMailAt(ctx))).toBeUndefined()
    await write((ctx) => insertMails(ctx, [mail('ann'), mail('bob'), mail('eve')]))
    const due = (now: Date, from = 0) => read((ctx) => dueMails(ctx, { now, after: from, limit: 2 }))
    const first = await due(start)
    expect(first.map((row) => row.userId)).toEqual(['ann', 'bob'])
    expect(await due(start, first[1]!.id)).toMatchObject([{ userId: 'eve' }])
    expect(await write((ctx) => claimMail(ctx, first[0]!, after(4)))).toBe(true)
    expect(await write((ctx) => claimMail(ctx, first[0]!, after(4)))).toBe(false)
    await write((ctx) => postponeMail(ctx, first[0]!.id, after(5)))
    await write((ctx) => deleteMail(ctx, first[1]!.id))
    expect(await due(start)).toMatchObject([{ userId: 'eve', attempt: 0 }])
    expect(await due(after(5))).toMatchObject([{ userId: 'ann', attempt: 1 }, { userId: 'eve' }])
    expect(await read((ctx) => nextMailAt(ctx))).toEqual(start)
  })
})

describeOnBothEngines('Local groups', (open) => {
  const withGroups = async () => {
    const made = await withPeople(open)
    await made.write((ctx) =>
      insertLocalGroups(ctx, [groupRow('vpn'), groupRow('Build', { description: 'of CI' })]),
    )
    return made
  }
  const member = (groupId: string, userId: string) => ({
    groupId,
    userId,
    emailKey: `${userId}@corp.example`,
  })

  it('are found by id, name and text, and no name is there twice', async () => {
    const { write, read } = await withGroups()
    expect(ids(await read((ctx) => localGroupsByIds(ctx, ['vpn', 'gone'])))).toEqual(['vpn'])
    expect(ids(await read((ctx) => localGroupsByNameKeys(ctx, ['build', 'none'])))).toEqual(['Build'])
    const find = (text?: string) =>
      read(async (ctx) => {
        const { seqs, total } = await localGroupPage(ctx, text, { size: 5, number: 0 })
        expect(total).toBe(seqs.length)
        const rows = new Map((await localGroupsBySeqs(ctx, seqs)).map((row) => [row.seq, row.name]))
        return seqs.map((seq) => rows.get(seq))
      })
    expect(await find()).toEqual(['Build', 'vpn'])
    expect(await find(' ')).toEqual(['Build', 'vpn'])
    expect(await find('OF ci')).toEqual(['Build'])
    expect(await find('%')).toEqual([])
    const twin = groupRow('VPN')
    await expect(write((ctx) => insertLocalGroups(ctx, [twin]))).rejects.toBeInstanceOf(ConflictError)
    await expect(
      write((ctx) => updateLocalGroup(ctx, { id: 'vpn', version: 1 }, { nameKey: 'build' })),
    ).rejects.toBeInstanceOf(ConflictError)
    const rename = () => write((ctx) => updateLocalGroup(ctx, { id: 'vpn', version: 1 }, { name: 'new' }))
    expect([await rename(), await rename()]).toEqual([true, false])
  })

  it('count their members however these come and go', async () => {
    const { write, read } = await withGroups()
    const counts = async () => {
      const rows = await read((ctx) => localGroupsByIds(ctx, ['vpn', 'Build']))
      return Object.fromEntries(rows.map((row) => [row.id, row.memberCount]))
    }
    const all = [member('vpn', 'bob'), member('vpn', 'ann'), member('Build', 'ann')]
    expect(await write((ctx) => addMembers(ctx, all))).toHaveLength(3)
    expect(await write((ctx) => addMembers(ctx, [member('vpn', 'ann'), member('vpn', 'eve')]))).toHaveLength(
      1,
    )
    expect(await counts()).toEqual({ vpn: 3, Build: 1 })
    expect(await read((ctx) => memberIds(ctx, 'vpn', { limit: 2, offset: 1 }))).toEqual(['bob', 'eve'])
    expect(await read((ctx) => groupsOfUsers(ctx, ['ann', 'bob']))).toEqual([
      { userId: 'ann', groupId: 'Build', name: 'Build' },
      expect.objectContaining({ groupId: 'vpn' }),
      expect.objectContaining({ groupId: 'vpn' }),
    ])
    const inVpn = { now: start, groupId: 'vpn' }
    expect(await read((ctx) => localUserIds(ctx, inVpn))).toEqual(['ann', 'bob', 'eve'])
    expect(await write((ctx) => removeMembers(ctx, 'vpn', ['eve', 'nobody']))).toHaveLength(1)
    await write((ctx) => removeFromAllGroups(ctx, ['ann']))
    expect(await counts()).toEqual({ vpn: 1, Build: 0 })
    expect(ids(await write((ctx) => deleteLocalGroups(ctx, ['vpn', 'gone'])))).toEqual(['vpn'])
    expect(await read((ctx) => groupsOfUsers(ctx, ['bob']))).toEqual([])
  })
})

describeOnBothEngines('Places under a limit', (open) => {
  it('are given out once each, also to many at the same time', async () => {
    const store = await open()
    const take = (wanted: number) => store.write((ctx) => takePlaces(ctx, 'users', wanted, 10))
    const taken = await Promise.all([3, 3, 3, 3, 3].map(take))
    expect(taken.reduce((sum, n) => sum + n, 0)).toBe(10)
    expect(await take(1)).toBe(0)
    await store.write((ctx) => givePlacesBack(ctx, 'users', 4))
    expect(await take(5)).toBe(4)
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(10)
    expect(await store.read((ctx) => countOf(ctx, 'groups'))).toBe(0)
  })
})
