import { expect, it } from 'vitest'
import { takePlaces } from '#db/queries/local-counts.ts'
import { deleteChallengesBefore, findChallenge } from '#db/queries/second-factors.ts'
import { deleteLocalUsers } from '#db/queries/local-users.ts'
import { bindingOfSlack, confirmBinding, insertBinding } from '#db/queries/slack-bindings.ts'
import { endSessions, sessionsOf } from '#db/queries/local-users-sign-in.ts'
import { UserError } from '#src/errors.ts'
import { changeUser, changeUsers } from '#src/local-users/change.ts'
import { changeLocalSettings } from '#src/local-users/settings.ts'
import { secret } from '#src/secrets.ts'
import {
  type FactorDeps,
  factorsOf,
  removeFactor,
  renameFactor,
  resetFactors,
  verifyFactor,
} from '#src/sign-in/factors.ts'
import { makeRecoveryCodes } from '#src/sign-in/recovery-codes.ts'
import { seal, unseal } from '#src/sign-in/sealed.ts'
import { findSession, startSession } from '#src/sign-in/session.ts'
import { beginTotp, finishTotp } from '#src/sign-in/totp.ts'
import { actorWith, auditTrail, lou } from '#test/helpers/local-admin.ts'
import {
  addApp,
  addPeople,
  codeOf,
  factorDeps,
  personId,
  sessionOf,
  signedIn,
} from '#test/helpers/second-factors.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'

const ann = personId('ann')
const bob = personId('bob')
const owner = actorWith('owner')
const takeAllPlaces = (deps: FactorDeps, n: number) =>
  deps.store.write((ctx) => takePlaces(ctx, 'users', n, 10))

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'counts',
    (error: unknown) => (error instanceof UserError ? error.code : String(error)),
  )
const code = (text: string) => ({ kind: 'recovery_code' as const, code: text })

async function stage(open: OpenStore) {
  const deps = factorDeps(await open())
  await addPeople(deps, 'ann', 'bob')
  const key = await addApp(deps, 'ann')
  const who = () => signedIn(deps, 'ann', ['password', 'totp'])
  const kinds = async () => (await factorsOf(deps, ann)).all.map(({ kind }) => kind)
  return { deps, key, who, kinds }
}

describeOnBothEngines('Recovery codes', (open, databases) => {
  it('are ten, hard to guess, and kept so that the database alone opens nothing', async () => {
    const { deps, who, kinds } = await stage(open)
    expect(await kinds()).toEqual(['totp'])
    const codes = (await makeRecoveryCodes(deps, who())).map((one) => one.reveal())
    expect(new Set(codes).size).toBe(10)
    for (const one of codes) expect(one).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
    const kept = JSON.stringify(
      await deps.store.read(async (ctx) => [
        await ctx.q.select().from(ctx.t.localRecoveryCodes),
        await ctx.q.select().from(ctx.t.auditEvents),
      ]),
    )
    for (const one of codes) expect(kept).not.toContain(one.replaceAll('-', '').slice(0, 8))
    expect(await factorsOf(deps, ann)).toMatchObject({ recoveryCodesLeft: 10 })
  })

  it('work once each, however they are typed, and for their person only', async () => {
    const { deps, who } = await stage(open)
    const [first, second] = await makeRecoveryCodes(deps, who())
    const typed = ` ${first!.reveal().toLowerCase().replaceAll('-', '  ').replaceAll('0', 'o').replaceAll('1', 'l')}`
    expect(await outcomeOf(verifyFactor(deps, bob, code(typed)))).toBe('wrong_code')
    expect(await outcomeOf(verifyFactor(deps, ann, code(typed)))).toBe('counts')
    expect(await outcomeOf(verifyFactor(deps, ann, code(typed)))).toBe('wrong_code')
    expect(await outcomeOf(verifyFactor(deps, ann, code(first!.reveal())))).toBe('wrong_code')
    expect(await outcomeOf(verifyFactor(deps, ann, code(second!.reveal())))).toBe('counts')
    expect(await factorsOf(deps, ann)).toMatchObject({ recoveryCodesLeft: 8 })
    const used = (await auditTrail(deps.store)).filter((one) => one.kind === 'recovery_code_used')
    expect(used.map((one) => one.facts)).toEqual([
      { userId: ann, left: 9 },
      { userId: ann, left: 8 },
    ])
  })

  it('let one of two in who use the same one on two replicas at once', async () => {
    const url = await databases.newUrl()
    const deps = factorDeps(await databases.openUrl(url))
    await addPeople(deps, 'ann')
    await addApp(deps, 'ann')
    const other = { ...deps, store: await databases.openUrl(url) }
    for (const one of (await makeRecoveryCodes(deps, signedIn(deps, 'ann', ['totp']))).slice(0, 5)) {
      const given = code(one.reveal())
      const all = [deps, other, deps, other].map((at) => outcomeOf(verifyFactor(at, ann, given)))
      expect((await Promise.all(all)).filter((outcome) => outcome === 'counts')).toHaveLength(1)
      await deps.store.write((ctx) => ctx.q.delete(ctx.t.localFactorTries))
    }
  })

  it('are slowed when guessed, without holding up the authenticator app', async () => {
    const { deps, key, who } = await stage(open)
    const [first] = await makeRecoveryCodes(deps, who())
    for (let n = 0; n < 5; n += 1) await outcomeOf(verifyFactor(deps, ann, code('0000-0000-0000-0000')))
    expect(await outcomeOf(verifyFactor(deps, ann, code(first!.reveal())))).toBe('too_many')
    await verifyFactor(deps, ann, { kind: 'totp', code: codeOf(deps, key) })
    deps.clock.move(60_000)
    expect(await outcomeOf(verifyFactor(deps, ann, code(first!.reveal())))).toBe('counts')
  })

  it('are made some dozens of times in one sign-in, so that nobody fills the mailbox of their person', async () => {
    const { deps, who } = await stage(open)
    const seen: string[] = []
    // The app was asked about before.
    for (let n = 0; n < 60; n += 1) seen.push(await outcomeOf(makeRecoveryCodes(deps, who())))
    expect(seen.filter((one) => one === 'counts')).toHaveLength(59)
    expect(seen.at(-1)).toBe('too_many')
  })

  it('are made anew by somebody who just signed in with a second factor; the old ones are dead then', async () => {
    const { deps, who } = await stage(open)
    const [old] = await makeRecoveryCodes(deps, who())
    expect(await outcomeOf(makeRecoveryCodes(deps, signedIn(deps, 'ann')))).toBe('sign_in_again')
    expect(await outcomeOf(makeRecoveryCodes(deps, signedIn(deps, 'bob')))).toBe('nothing_to_do')
    const [fresh] = await makeRecoveryCodes(deps, who())
    expect(await outcomeOf(verifyFactor(deps, ann, code(old!.reveal())))).toBe('wrong_code')
    expect(await outcomeOf(verifyFactor(deps, ann, code(fresh!.reveal())))).toBe('counts')
  })
})

describeOnBothEngines('Second factors', (open, databases) => {
  it('are named and removed right after a sign-in, by their own person', async () => {
    const { deps, who } = await stage(open)
    const { id } = (await factorsOf(deps, ann)).all[0]!
    await renameFactor(deps, who(), { id, name: 'Old phone' })
    expect((await factorsOf(deps, ann)).all).toMatchObject([{ name: 'Old phone' }])
    const bobs = signedIn(deps, 'bob', ['password', 'totp'])
    expect(await outcomeOf(renameFactor(deps, bobs, { id, name: 'mine' }))).toBe('not_found')
    expect(await outcomeOf(removeFactor(deps, bobs, id))).toBe('not_found')
    expect(await outcomeOf(renameFactor(deps, who(), { id, name: 'x'.repeat(61) }))).toBe('too_long')
    const late = who()
    deps.clock.move(16 * 60_000)
    expect(await outcomeOf(removeFactor(deps, late, id))).toBe('sign_in_again')
    expect(await outcomeOf(renameFactor(deps, late, { id, name: 'x' }))).toBe('sign_in_again')
    expect(await outcomeOf(removeFactor(deps, signedIn(deps, 'ann', ['password']), id))).toBe('sign_in_again')
    await makeRecoveryCodes(deps, who())
    await removeFactor(deps, who(), id)
    expect(await factorsOf(deps, ann)).toEqual({ all: [], recoveryCodesLeft: 0 })
    expect((await auditTrail(deps.store)).map((one) => one.kind)).toEqual([
      'local_factor_added',
      'local_factor_renamed',
      'recovery_codes_made',
      'local_factor_removed',
    ])
  })

  it('are not removed to the last one while everybody needs one', async () => {
    const { deps, who, kinds } = await stage(open)
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    const { id } = (await factorsOf(deps, ann)).all[0]!
    expect(await outcomeOf(removeFactor(deps, who(), id))).toBe('nothing_to_do')
    expect(await kinds()).toEqual(['totp'])
    await addApp(deps, 'ann', ['password', 'totp'])
    expect(await outcomeOf(removeFactor(deps, who(), id))).toBe('counts')
  })

  it('keep one of two that are removed at once on two replicas while everybody needs one', async () => {
    const url = await databases.newUrl()
    const deps = factorDeps(await databases.openUrl(url))
    await addPeople(deps, 'ann')
    const who = () => signedIn(deps, 'ann', ['password', 'totp'])
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    const other = { ...deps, store: await databases.openUrl(url) }
    for (let round = 0; round < 5; round += 1) {
      for (let left = (await factorsOf(deps, ann)).all.length; left < 2; left += 1)
        await addApp(deps, 'ann', ['password', 'totp'])
      const [one, two] = (await factorsOf(deps, ann)).all
      const outcomes = await Promise.all([
        outcomeOf(removeFactor(deps, who(), one!.id)),
        outcomeOf(removeFactor(other, who(), two!.id)),
      ])
      expect(outcomes.toSorted()).toEqual(['counts', 'nothing_to_do'])
    }
  })

  it('make the page session in which they are added one that was begun with them', async () => {
    const { deps } = await stage(open)
    const started = await deps.store.write((ctx) =>
      startSession(ctx, deps, { userId: bob, kind: 'page', factors: ['password'] }),
    )
    const who = (await findSession(deps, started.token.reveal(), 'page'))!
    const { id, typed } = await beginTotp(deps, who)
    await finishTotp(deps, who, { id, code: codeOf(deps, typed.reveal()), name: '' })
    const now = await findSession(deps, started.token.reveal(), 'page')
    expect(now?.factors).toEqual(['password', 'totp'])
    expect(await outcomeOf(makeRecoveryCodes(deps, now!))).toBe('counts')
  })

  it('are not changed by a request that was under way when its sign-in ended', async () => {
    const { deps, who } = await stage(open)
    const { id, typed } = await beginTotp(deps, who())
    const [app] = (await factorsOf(deps, ann)).all
    const given = { id, code: codeOf(deps, typed.reveal()), name: '' }
    await deps.store.write((ctx) => endSessions(ctx, [ann]))
    for (const late of [
      () => finishTotp(deps, who(), given),
      () => makeRecoveryCodes(deps, who()),
      () => removeFactor(deps, who(), app!.id),
      () => renameFactor(deps, who(), { id: app!.id, name: 'mine' }),
    ])
      expect(await outcomeOf(late())).toBe('sign_in_again')
    expect((await factorsOf(deps, ann)).all).toMatchObject([{ id: app!.id, name: 'Phone' }])
    // Nor by one that belongs to somebody else.
    const bobs = { ...who(), sessionId: sessionOf('bob') }
    expect(await outcomeOf(makeRecoveryCodes(deps, bobs))).toBe('sign_in_again')
  })

  it('are reset by an admin, which ends the sessions', async () => {
    const { deps, key, who, kinds } = await stage(open)
    await makeRecoveryCodes(deps, who())
    const { id } = await beginTotp(deps, who())
    const { token } = await deps.store.write((ctx) =>
      startSession(ctx, deps, { userId: ann, kind: 'page', factors: ['password', 'totp'] }),
    )
    expect(await outcomeOf(resetFactors(deps, actorWith('responder', 'approver'), ann))).toBe('not_allowed')
    expect(await resetFactors(deps, lou, ann)).toBe(1)
    expect(await findSession(deps, token.reveal(), 'page')).toBeUndefined()
    expect(await deps.store.read((ctx) => sessionsOf(ctx, [ann]))).toEqual([])
    expect(await kinds()).toEqual([])
    expect(await outcomeOf(verifyFactor(deps, ann, { kind: 'totp', code: codeOf(deps, key) }))).toBe(
      'wrong_code',
    )
    // What was begun before goes no further.
    const now = deps.clock.now()
    expect(
      await deps.store.read((ctx) => findChallenge(ctx, { id, kind: 'totp_set_up', now })),
    ).toBeUndefined()
    expect((await auditTrail(deps.store)).at(-1)).toEqual({
      kind: 'local_factors_reset',
      actor: lou.userId,
      facts: { userId: ann, email: 'ann@corp.example', factors: 1 },
    })
    expect(await outcomeOf(resetFactors(deps, lou, personId('nobody')))).toBe('not_found')
  })

  it('tell their person by mail whenever they change, whoever did it', async () => {
    const { deps, who } = await stage(open)
    const mails = async () =>
      (await deps.store.read((ctx) => ctx.q.select().from(ctx.t.mails))).map(
        (mail) => `${mail.kind} ${mail.userId}`,
      )
    const told = `factors_changed ${ann}`
    const codes = `recovery_codes ${ann}`
    expect(await mails()).toEqual([told])
    await makeRecoveryCodes(deps, who(), 'first_factor')
    expect(await mails()).toEqual([told])
    const [first] = await makeRecoveryCodes(deps, who())
    expect(await mails()).toEqual([told, codes])
    await verifyFactor(deps, ann, code(first!.reveal()))
    await outcomeOf(verifyFactor(deps, ann, code(first!.reveal())))
    expect(await mails()).toEqual([told, codes, codes])
    await removeFactor(deps, who(), (await factorsOf(deps, ann)).all[0]!.id)
    expect((await mails()).slice(3)).toEqual([told])
    await resetFactors(deps, lou, ann)
    expect((await mails()).slice(3)).toEqual([told, `factors_reset ${ann}`])
  })

  it('of somebody bound to a Slack person are reset by owners only', async () => {
    const { deps, kinds } = await stage(open)
    const createdAt = deps.clock.now()
    const row = { slackUserId: 'U0ANN', userId: ann, state: 'asked', requestId: 'r1', createdAt }
    await deps.store.write((ctx) => insertBinding(ctx, row))
    await deps.store.write((ctx) =>
      confirmBinding(ctx, 'r1', { confirmedAt: createdAt, confirmedBy: 'U0OLGA' }),
    )
    expect(await outcomeOf(resetFactors(deps, lou, ann))).toBe('not_allowed')
    expect(await kinds()).toEqual(['totp'])
    expect(await outcomeOf(resetFactors(deps, owner, bob))).toBe('not_allowed')
    expect(await resetFactors(deps, owner, ann)).toBe(1)
  })

  it('keep the account of somebody bound from being deleted by others than owners', async () => {
    const { deps } = await stage(open)
    const createdAt = deps.clock.now()
    const row = { slackUserId: 'U0ANN', userId: ann, state: 'asked', requestId: 'r1', createdAt }
    await deps.store.write((ctx) => insertBinding(ctx, row))
    await deps.store.write((ctx) =>
      confirmBinding(ctx, 'r1', { confirmedAt: createdAt, confirmedBy: 'U0OLGA' }),
    )
    await takeAllPlaces(deps, 2)
    await expect(changeUser(deps, lou, 'delete', ann)).rejects.toThrow(
      'so only an owner who is also local-user admin can delete it, from its own menu in the list.',
    )
    const both = await deps.store.write((ctx) =>
      changeUsers(ctx, deps, { by: lou.userId, now: createdAt, batchId: 'b' }, 'delete', [ann, bob]),
    )
    expect(both.changed.map(({ id }) => id)).toEqual([bob])
    expect(both.faults).toMatchObject([{ id: ann, fault: { kind: 'bound' } }])
    expect(await outcomeOf(changeUser(deps, lou, 'disable', ann))).toBe('counts')
    expect(await changeUser(deps, actorWith('owner', 'local_user_admin'), 'delete', ann)).toBe(true)
    expect(await deps.store.read((ctx) => bindingOfSlack(ctx, 'U0ANN'))).toBeUndefined()
  })

  it('forget what nobody answered in time', async () => {
    const { deps, who } = await stage(open)
    const { id } = await beginTotp(deps, who())
    const kept = async () =>
      (await deps.store.read((ctx) => ctx.q.select().from(ctx.t.localChallenges))).length
    await deps.store.write((ctx) => deleteChallengesBefore(ctx, deps.clock.now()))
    expect(await kept()).toBe(1)
    deps.clock.move(31 * 60_000)
    await deps.store.write((ctx) => deleteChallengesBefore(ctx, deps.clock.now()))
    expect([await kept(), id.length]).toEqual([0, 22])
  })

  it('go with their account', async () => {
    const { deps, who } = await stage(open)
    await makeRecoveryCodes(deps, who())
    await beginTotp(deps, who())
    await deps.store.write((ctx) => deleteLocalUsers(ctx, [ann]))
    const left = await deps.store.read(async (ctx) => [
      ...(await ctx.q.select().from(ctx.t.localFactors)),
      ...(await ctx.q.select().from(ctx.t.localRecoveryCodes)),
      ...(await ctx.q.select().from(ctx.t.localChallenges)),
    ])
    expect(left).toEqual([])
  })
})

it('What is sealed opens for its owner and purpose only, and not when a letter was changed', () => {
  const secrets = [secret('new '.repeat(8)), secret('old '.repeat(8))]
  const what = { label: 'authenticator app', owner: ann }
  const sealed = seal(secrets.slice(1), what, secret('text'))
  expect(unseal(secrets, what, sealed)?.reveal()).toBe('text')
  expect(unseal(secrets.slice(0, 1), what, sealed)).toBeUndefined()
  expect(unseal(secrets, { ...what, owner: bob }, sealed)).toBeUndefined()
  expect(unseal(secrets, { ...what, label: 'other' }, sealed)).toBeUndefined()
  for (const text of ['', '1.', '2' + sealed.slice(1), sealed.slice(0, -2), `${sealed.slice(0, -4)}AAAA`])
    expect(unseal(secrets, what, text)).toBeUndefined()
  expect(seal(secrets, what, secret('text'))).not.toBe(seal(secrets, what, secret('text')))
})
