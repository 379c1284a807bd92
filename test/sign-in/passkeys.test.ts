import { expect, it } from 'vitest'
import { UserError } from '#src/errors.ts'
import { beginPasskey, factorsOf, finishPasskey } from '#src/sign-in/factors.ts'
import { arePasskeysPossible, beginPasskeyAdd, finishPasskeyAdd } from '#src/sign-in/passkeys.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { createPasskey } from '#test/helpers/passkey.ts'
import { addPeople, factorDeps, personId, sessionOf, signedIn } from '#test/helpers/second-factors.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'

const ann = personId('ann')
const bob = personId('bob')
const annsSignIn = { userId: ann, sessionId: sessionOf('ann') }
const bobsSignIn = { userId: bob, sessionId: sessionOf('bob') }

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'counts',
    (error: unknown) => (error instanceof UserError ? error.code : String(error)),
  )

async function stage(open: OpenStore) {
  const deps = factorDeps(await open())
  await addPeople(deps, 'ann', 'bob')
  const add = async (name: string, key = createPasskey(), twist = {}) => {
    const who = signedIn(deps, name, ['password', 'passkey'])
    const question = await beginPasskeyAdd(deps, who)
    const answer = key.create(question, twist)
    await finishPasskeyAdd(deps, who, { challengeId: question.challengeId, answer, name: '' })
    return key
  }
  const use = async (key: ReturnType<typeof createPasskey>, who = annsSignIn, twist = {}) => {
    const question = await beginPasskey(deps, who)
    const answer = key.show(question, twist)
    return await finishPasskey(deps, who, { challengeId: question.challengeId, answer })
  }
  const why = async () => JSON.stringify((await auditTrail(deps.store)).at(-1)?.facts)
  return { deps, add, use, why }
}

describeOnBothEngines('A passkey', (open) => {
  it('is added and then does as a second step', async () => {
    const { deps, add, use } = await stage(open)
    const key = await add('ann')
    expect((await factorsOf(deps, ann)).all).toMatchObject([{ kind: 'passkey', name: 'Passkey' }])
    await use(key)
    await use(key, annsSignIn, { seesPerson: false })
    expect((await factorsOf(deps, ann)).all[0]?.usedAt).toEqual(deps.clock.now())
    expect((await factorsOf(deps, bob)).all).toEqual([])
  })

  it('asks only for the keys that a person has, and not for one that is there already', async () => {
    const { deps, add } = await stage(open)
    await add('ann')
    const { options } = await beginPasskey(deps, annsSignIn)
    expect(options).toMatchObject({ rpId: 'access.corp.example', userVerification: 'preferred' })
    expect(options).toMatchObject({ allowCredentials: [{ transports: ['internal'] }] })
    const more = await beginPasskeyAdd(deps, signedIn(deps, 'ann', ['passkey']))
    expect(more.options).toMatchObject({ excludeCredentials: [{ transports: ['internal'] }] })
    expect(await outcomeOf(beginPasskey(deps, bobsSignIn))).toBe('nothing_to_do')
  })

  it('is refused on another site, which is what a page does that looks like ours', async () => {
    const { add, use, why } = await stage(open)
    expect(await outcomeOf(add('ann', undefined, { origin: 'https://access.corp.example.evil' }))).toBe(
      'wrong_code',
    )
    expect(await outcomeOf(add('ann', undefined, { rpId: 'evil.example' }))).toBe('wrong_code')
    const key = await add('ann')
    expect(await outcomeOf(use(key, annsSignIn, { origin: 'https://evil.example' }))).toBe('wrong_code')
    expect(await why()).toContain('evil.example')
    expect(await outcomeOf(use(key, annsSignIn, { origin: 'http://access.corp.example' }))).toBe('wrong_code')
    expect(await outcomeOf(use(key, annsSignIn, { rpId: 'evil.example' }))).toBe('wrong_code')
    expect(await outcomeOf(use(key, annsSignIn))).toBe('counts')
  })

  it('answers each question once, also wrongly, and only in its time', async () => {
    const { deps, add } = await stage(open)
    const key = await add('ann')
    const question = await beginPasskey(deps, annsSignIn)
    const { challengeId } = question
    const answer = key.show(question)
    expect(await outcomeOf(finishPasskey(deps, annsSignIn, { challengeId, answer }))).toBe('counts')
    expect(await outcomeOf(finishPasskey(deps, annsSignIn, { challengeId, answer }))).toBe('wrong_code')
    const next = await beginPasskey(deps, annsSignIn)
    const finish = (given: unknown) =>
      outcomeOf(finishPasskey(deps, annsSignIn, { challengeId: next.challengeId, answer: given }))
    expect(await finish(answer)).toBe('wrong_code')
    expect(await finish(key.show(next))).toBe('wrong_code')
    const late = await beginPasskey(deps, annsSignIn)
    deps.clock.move(5 * 60_000)
    const lateAnswer = { challengeId: late.challengeId, answer: key.show(late) }
    expect(await outcomeOf(finishPasskey(deps, annsSignIn, lateAnswer))).toBe('wrong_code')
  })

  it('answers a question in the sign-in in which it was asked, and no other of the same person', async () => {
    const { deps, add } = await stage(open)
    const key = await add('ann')
    const question = await beginPasskey(deps, annsSignIn)
    const given = { challengeId: question.challengeId, answer: key.show(question) }
    const other = { userId: ann, sessionId: 'another browser' }
    expect(await outcomeOf(finishPasskey(deps, other, given))).toBe('wrong_code')
    expect(await outcomeOf(finishPasskey(deps, annsSignIn, given))).toBe('wrong_code')
  })

  it('is asked about some dozens of times in one sign-in, so that nobody fills the audit trail', async () => {
    const { deps, add, use } = await stage(open)
    const key = await add('ann')
    const seen = new Set<string>()
    const junk = { challengeId: 'x'.repeat(22), answer: {} }
    const mallory = { userId: ann, sessionId: 'another browser' }
    for (let n = 0; n < 59; n += 1) seen.add(await outcomeOf(finishPasskey(deps, mallory, junk)))
    seen.add(await outcomeOf(beginPasskey(deps, mallory)))
    expect([...seen]).toEqual(['wrong_code', 'counts'])
    const before = (await auditTrail(deps.store)).length
    expect(await outcomeOf(finishPasskey(deps, mallory, junk))).toBe('too_many')
    expect(await outcomeOf(beginPasskey(deps, mallory))).toBe('too_many')
    expect(await auditTrail(deps.store)).toHaveLength(before)
    await use(key)
  })

  it('answers one question once when the same answer comes twice at the same time', async () => {
    const { deps, add } = await stage(open)
    const key = await add('ann')
    const question = await beginPasskey(deps, annsSignIn)
    const given = { challengeId: question.challengeId, answer: key.show(question) }
    const both = await Promise.all(
      [given, given, given].map((one) => outcomeOf(finishPasskey(deps, annsSignIn, one))),
    )
    expect(both.filter((one) => one === 'counts')).toHaveLength(1)
  })

  it('is refused when its counter goes back, as that of a copy does', async () => {
    const { add, use, why } = await stage(open)
    const key = await add('ann')
    await use(key, annsSignIn, { counter: 7 })
    expect(await outcomeOf(use(key, annsSignIn, { counter: 7 }))).toBe('wrong_code')
    expect(await why()).toContain('counter')
    expect(await outcomeOf(use(key, annsSignIn, { counter: 3 }))).toBe('wrong_code')
    expect(await outcomeOf(use(key, annsSignIn, { counter: 8 }))).toBe('counts')
    // Passkeys that live in several devices do not count at all.
    const synced = await add('bob', undefined, { counter: 0 })
    expect(await outcomeOf(use(synced, bobsSignIn, { counter: 0 }))).toBe('counts')
    expect(await outcomeOf(use(synced, bobsSignIn, { counter: 0 }))).toBe('counts')
  })

  it("does not stand in for somebody else's, and one that nobody added for nobody's", async () => {
    const { deps, add, use, why } = await stage(open)
    await add('ann')
    const bobs = await add('bob')
    expect(await outcomeOf(use(bobs, annsSignIn))).toBe('wrong_code')
    expect(await why()).toContain('no passkey of this person')
    expect(await outcomeOf(use(createPasskey(), annsSignIn))).toBe('wrong_code')
    const who = signedIn(deps, 'ann', ['passkey'])
    const question = await beginPasskeyAdd(deps, who)
    const { challengeId } = question
    for (const answer of [undefined, null, '', {}, { id: 'x' }, { ...who, type: 'public-key' }]) {
      const { challengeId: asked } = await beginPasskey(deps, annsSignIn)
      expect(await outcomeOf(finishPasskey(deps, annsSignIn, { challengeId: asked, answer }))).toBe(
        'wrong_code',
      )
    }
    // The question for a new key is none for a sign-in, and not anybody's.
    const shown = { challengeId, answer: bobs.show(question) }
    expect(await outcomeOf(finishPasskey(deps, annsSignIn, shown))).toBe('wrong_code')
    const theirs = await beginPasskey(deps, bobsSignIn)
    const own = { challengeId: theirs.challengeId, answer: bobs.show(theirs) }
    expect(await outcomeOf(finishPasskey(deps, annsSignIn, own))).toBe('wrong_code')
    const stolen = { challengeId, answer: createPasskey().create(question), name: '' }
    expect(await outcomeOf(finishPasskeyAdd(deps, signedIn(deps, 'bob', ['passkey']), stolen))).toBe(
      'wrong_code',
    )
  })

  it('is added once, by one person, ten times at most', async () => {
    const { add } = await stage(open)
    const key = await add('ann')
    expect(await outcomeOf(add('bob', key))).toBe('already_there')
    for (let n = 1; n < 10; n += 1) await add('ann')
    expect(await outcomeOf(add('ann'))).toBe('over_limit')
  })
})

it.each([
  ['https://access.corp.example', true],
  ['http://localhost:8080', true],
  ['http://127.0.0.1:8080', false],
  ['https://[::1]:8443', false],
])('Passkeys at %s are possible: %s', (url, isPossible) => {
  expect(arePasskeysPossible(url)).toBe(isPossible)
})
