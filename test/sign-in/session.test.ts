import { expect, it } from 'vitest'
import { addMembers, insertLocalGroups } from '#db/queries/local-groups.ts'
import { sessionsOf } from '#db/queries/local-users-sign-in.ts'
import { insertLocalUsers, updateLocalUsers } from '#db/queries/local-users.ts'
import { deleteSessionsOverBefore, endSessionTree, sessionWithUser } from '#db/queries/sign-in-sessions.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import {
  endOwnSessions,
  endSession,
  findSession,
  findSessionById,
  type NewSession,
  ownSessions,
  startSession,
} from '#src/sign-in/session.ts'
import { auditTrail, localUserDeps } from '#test/helpers/local-admin.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'

const hourMs = 60 * 60 * 1000
const ann = 'ann-'.padEnd(22, '0')
const bob = 'bob-'.padEnd(22, '0')

async function stage(open: OpenStore) {
  const deps = localUserDeps(await open())
  const { store } = deps
  await store.write(async (ctx) => {
    const people = [ann, bob].map((id) =>
      localUserRow(id, { email: `${id}@corp.example`, enrolledAt: deps.clock.now() }),
    )
    await insertLocalUsers(ctx, people)
    await insertLocalGroups(ctx, [groupRow('vpn'), groupRow('admins'), groupRow('others')])
    const member = (groupId: string, userId: string) => ({
      groupId,
      userId,
      emailKey: `${userId}@corp.example`,
    })
    await addMembers(ctx, [member('vpn', ann), member('admins', ann), member('others', bob)])
  })
  const begin = (wanted: Partial<NewSession> = {}) =>
    store.write((ctx) =>
      startSession(ctx, deps, { userId: ann, kind: 'page', factors: ['password', 'totp'], ...wanted }),
    )
  const idsOf = async (userId: string) => (await ownSessions(deps, userId)).map((one) => one.id)
  return { deps, begin, idsOf, directory: createLocalDirectory(deps) }
}

describeOnBothEngines('A session', (open) => {
  it('is found by its token, which is kept nowhere, with the person and their groups of now', async () => {
    const { deps, begin } = await stage(open)
    const { token, sessionId } = await begin({ label: 'Firefox' })
    const signedIn = {
      sessionId,
      userId: ann,
      email: `${ann}@corp.example`,
      groups: ['admins', 'vpn'],
      signedInAt: deps.clock.now(),
      factors: ['password', 'totp'],
    }
    expect(await findSession(deps, token.reveal(), 'page')).toEqual(signedIn)
    expect(await findSessionById(deps, sessionId)).toEqual(signedIn)
    const rows = await deps.store.read((ctx) => sessionsOf(ctx, [ann]))
    expect(JSON.stringify(rows)).not.toContain(token.reveal())
    expect(sessionId).not.toContain(token.reveal())
  })

  it('is not found by another token, its own id, or under another kind', async () => {
    const { deps, begin } = await stage(open)
    const { token, sessionId } = await begin()
    expect(await findSession(deps, token.reveal(), 'forward')).toBeUndefined()
    expect(await findSession(deps, sessionId, 'page')).toBeUndefined()
    for (const wrong of ['', 'x', '\0', 'A'.repeat(22), `${token.reveal()}\0`, 'x'.repeat(100_000)])
      expect(await findSession(deps, wrong, 'page')).toBeUndefined()
    expect(await deps.store.read((ctx) => sessionWithUser(ctx, 'nobody'))).toBeUndefined()
  })

  it('ends at its time', async () => {
    const { deps, begin, idsOf } = await stage(open)
    const { token } = await begin({ lifeMs: hourMs })
    deps.clock.move(hourMs - 1)
    expect(await findSession(deps, token.reveal(), 'page')).toBeDefined()
    deps.clock.move(1)
    expect(await findSession(deps, token.reveal(), 'page')).toBeUndefined()
    expect(await idsOf(ann)).toEqual([])
    await deps.store.write((ctx) => deleteSessionsOverBefore(ctx, deps.clock.now()))
    expect(await deps.store.read((ctx) => sessionsOf(ctx, [ann]))).toHaveLength(1)
    deps.clock.move(1)
    await deps.store.write((ctx) => deleteSessionsOverBefore(ctx, deps.clock.now()))
    expect(await deps.store.read((ctx) => sessionsOf(ctx, [ann]))).toEqual([])
  })

  it('ends with the account, and is not begun for one that is disabled or unknown', async () => {
    const { deps, begin, directory } = await stage(open)
    const { token } = await begin()
    await directory.disable(ann)
    expect(await findSession(deps, token.reveal(), 'page')).toBeUndefined()
    await expect(begin()).rejects.toMatchObject({ code: 'stale' })
    await expect(begin({ userId: 'nobody' })).rejects.toMatchObject({ code: 'stale' })
    await directory.enable(ann)
    expect(await findSession(deps, token.reveal(), 'page')).toBeUndefined()
  })

  it('does not count while the account is disabled, however it got there', async () => {
    const { deps, begin } = await stage(open)
    const { token } = await begin()
    await deps.store.write((ctx) =>
      updateLocalUsers(ctx, [ann], { state: 'disabled', updatedAt: deps.clock.now() }),
    )
    expect(await findSession(deps, token.reveal(), 'page')).toBeUndefined()
  })

  it('takes with it what came out of it, and leaves the others', async () => {
    const { deps, begin, idsOf } = await stage(open)
    const page = await begin()
    const other = await begin()
    const forward = await begin({ kind: 'forward', parentId: page.sessionId })
    const below = await begin({ kind: 'oidc', parentId: forward.sessionId })
    await endSession(deps, page.sessionId)
    for (const { token, kind } of [
      { ...page, kind: 'page' },
      { ...forward, kind: 'forward' },
      { ...below, kind: 'oidc' },
    ])
      expect(await findSession(deps, token.reveal(), kind)).toBeUndefined()
    expect(await idsOf(ann)).toEqual([other.sessionId])
    await endSession(deps, page.sessionId)
    const ended = { kind: 'local_user_signed_out', facts: { userId: ann, kind: 'page', ended: 3 } }
    expect(await auditTrail(deps.store)).toMatchObject([ended])
    expect(await deps.store.write((ctx) => endSessionTree(ctx, page.sessionId))).toBe(0)
  })

  it('never outlives the one it came out of, and needs one that is open and the same person’s', async () => {
    const { deps, begin } = await stage(open)
    const page = await begin({ lifeMs: hourMs })
    const forward = await begin({ kind: 'forward', parentId: page.sessionId, lifeMs: 24 * hourMs })
    await expect(begin({ userId: bob, parentId: page.sessionId })).rejects.toMatchObject({ code: 'stale' })
    await expect(begin({ parentId: 'nobody' })).rejects.toMatchObject({ code: 'stale' })
    deps.clock.move(hourMs)
    expect(await findSession(deps, forward.token.reveal(), 'forward')).toBeUndefined()
    await expect(begin({ parentId: page.sessionId })).rejects.toMatchObject({ code: 'stale' })
  })

  it('is listed and ended by its own person only', async () => {
    const { deps, begin, idsOf } = await stage(open)
    const mine = await begin({ label: 'x'.repeat(500) })
    deps.clock.move(1)
    const second = await begin()
    const child = await begin({ kind: 'forward', parentId: mine.sessionId })
    const theirs = await begin({ userId: bob })
    expect((await ownSessions(deps, ann)).map((one) => one.label.length)).toContain(100)
    const asAnn = { userId: ann, sessionId: mine.sessionId }
    await endOwnSessions(deps, asAnn, { kind: 'one', id: theirs.sessionId })
    expect(await idsOf(bob)).toEqual([theirs.sessionId])
    await endOwnSessions(deps, asAnn, { kind: 'others' })
    expect((await idsOf(ann)).toSorted()).toEqual([mine.sessionId, child.sessionId].toSorted())
    expect(await findSession(deps, second.token.reveal(), 'page')).toBeUndefined()
    await endOwnSessions(deps, asAnn, { kind: 'one', id: mine.sessionId })
    expect(await idsOf(ann)).toEqual([])
    expect(await idsOf(bob)).toEqual([theirs.sessionId])
  })
})
