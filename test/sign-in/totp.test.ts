import { expect, it } from 'vitest'
import { UserError } from '#src/errors.ts'
import { secret } from '#src/secrets.ts'
import { factorsOf, verifyFactor } from '#src/sign-in/factors.ts'
import { beginTotp, finishTotp, openTotp } from '#src/sign-in/totp.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { addApp, addPeople, codeOf, factorDeps, personId, signedIn } from '#test/helpers/second-factors.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'

const ann = personId('ann')
const bob = personId('bob')

async function stage(open: OpenStore) {
  const deps = factorDeps(await open())
  await addPeople(deps, 'ann', 'bob')
  return deps
}

const totp = (code: string) => ({ kind: 'totp' as const, code })
const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'counts',
    (error: unknown) => (error instanceof UserError ? error.code : String(error)),
  )

describeOnBothEngines('An authenticator app', (open, databases) => {
  it('is set up by its first code, and kept so that the database alone makes no codes', async () => {
    const deps = await stage(open)
    const who = signedIn(deps, 'ann')
    const { id, uri, typed } = await beginTotp(deps, who)
    expect(uri.reveal()).toBe(
      `otpauth://totp/Drawbridge:ann%40corp.example?issuer=Drawbridge&secret=${typed.reveal()}&algorithm=SHA1&digits=6&period=30`,
    )
    expect(typed.reveal()).toMatch(/^[A-Z2-7]{32}$/)
    const answer = (code: string) => outcomeOf(finishTotp(deps, who, { id, code, name: ' My  phone ' }))
    expect(await answer('000000')).toBe('wrong_code')
    expect(await factorsOf(deps, ann)).toEqual({ all: [], recoveryCodesLeft: 0 })
    expect((await openTotp(deps, who, id)).typed.reveal()).toBe(typed.reveal())
    expect(await answer(codeOf(deps, typed.reveal()))).toBe('counts')
    expect((await factorsOf(deps, ann)).all).toMatchObject([{ kind: 'totp', name: 'My phone' }])
    const kept = await deps.store.read(async (ctx) => [
      await ctx.q.select().from(ctx.t.localFactors),
      await ctx.q.select().from(ctx.t.localChallenges),
      await ctx.q.select().from(ctx.t.auditEvents),
    ])
    expect(JSON.stringify(kept)).not.toContain(typed.reveal())
    const again = { id, code: codeOf(deps, typed.reveal()), name: '' }
    expect(await outcomeOf(finishTotp(deps, { ...who, factors: ['totp'] }, again))).toBe('stale')
  })

  it("does not go on with another person's set-up, nor with one of yesterday", async () => {
    const deps = await stage(open)
    const { id, typed } = await beginTotp(deps, signedIn(deps, 'ann'))
    const given = () => ({ id, code: codeOf(deps, typed.reveal()), name: '' })
    expect(await outcomeOf(finishTotp(deps, signedIn(deps, 'bob'), given()))).toBe('stale')
    expect(await outcomeOf(openTotp(deps, signedIn(deps, 'bob'), id))).toBe('stale')
    deps.clock.move(31 * 60_000)
    expect(await outcomeOf(finishTotp(deps, signedIn(deps, 'ann'), given()))).toBe('stale')
  })

  it('takes the code of now and of one step to each side, and no other', async () => {
    const deps = await stage(open)
    const key = await addApp(deps, 'ann')
    deps.clock.move(10 * 30_000)
    const verify = (steps: number) => outcomeOf(verifyFactor(deps, ann, totp(codeOf(deps, key, steps))))
    expect(await verify(-2)).toBe('wrong_code')
    expect(await verify(2)).toBe('wrong_code')
    expect(await verify(-1)).toBe('counts')
    expect(await verify(0)).toBe('counts')
    expect(await verify(1)).toBe('counts')
  })

  it('takes each code once, and none from before one that was used', async () => {
    const deps = await stage(open)
    const key = await addApp(deps, 'ann')
    deps.clock.move(60_000)
    const code = codeOf(deps, key)
    await verifyFactor(deps, ann, totp(`${code.slice(0, 3)} ${code.slice(3)}`))
    await expect(verifyFactor(deps, ann, totp(code))).rejects.toMatchObject({
      code: 'wrong_code',
      message: 'This code was used already. Wait for the next one.',
      field: 'code',
    })
    expect(await outcomeOf(verifyFactor(deps, ann, totp(codeOf(deps, key, -1))))).toBe('wrong_code')
    // The code with which it was set up is used up, too.
    const who = signedIn(deps, 'bob')
    const { id, typed } = await beginTotp(deps, who)
    await finishTotp(deps, who, { id, code: codeOf(deps, typed.reveal()), name: '' })
    expect(await outcomeOf(verifyFactor(deps, bob, totp(codeOf(deps, typed.reveal()))))).toBe('wrong_code')
  })

  it('counts for one of two who show the same code to two replicas at once', async () => {
    const url = await databases.newUrl()
    const one = factorDeps(await databases.openUrl(url))
    await addPeople(one, 'ann')
    const key = await addApp(one, 'ann')
    const other = { ...one, store: await databases.openUrl(url) }
    for (let round = 0; round < 5; round += 1) {
      one.clock.move(60_000)
      const code = codeOf(one, key)
      const outcomes = await Promise.all(
        [one, other, one, other].map((deps) => outcomeOf(verifyFactor(deps, ann, totp(code)))),
      )
      expect(outcomes.toSorted()).toEqual(['counts', 'wrong_code', 'wrong_code', 'wrong_code'])
    }
  })

  it('is not guessed: after five wrong codes nothing is looked at for a while, on any replica, not the right one either', async () => {
    const url = await databases.newUrl()
    const deps = factorDeps(await databases.openUrl(url))
    await addPeople(deps, 'ann', 'bob')
    const [key, bobs] = [await addApp(deps, 'ann'), await addApp(deps, 'bob')]
    const other = { ...deps, store: await databases.openUrl(url) }
    const guess = (at: typeof other) => outcomeOf(verifyFactor(at, ann, totp('000000')))
    const guesses: string[] = []
    for (let n = 0; n < 6; n += 1) guesses.push(await guess(n % 2 === 0 ? deps : other))
    expect(guesses).toEqual([...Array<string>(5).fill('wrong_code'), 'too_many'])
    await expect(verifyFactor(other, ann, totp(codeOf(deps, key)))).rejects.toMatchObject({
      code: 'too_many',
      message: 'Too many wrong codes. Try again in a minute.',
    })
    // Somebody else is not held up by it.
    await verifyFactor(deps, bob, totp(codeOf(deps, bobs)))
    deps.clock.move(60_000)
    expect(await guess(deps)).toBe('wrong_code')
    deps.clock.move(60_000)
    expect(await guess(deps)).toBe('too_many')
    deps.clock.move(60_000)
    await verifyFactor(deps, ann, totp(codeOf(deps, key)))
    expect(await guess(deps)).toBe('wrong_code')
    expect(await guess(deps)).toBe('wrong_code')
    const refused = (await auditTrail(deps.store)).filter((one) => one.kind === 'local_factor_refused')
    expect(refused).toHaveLength(8)
    expect(refused[5]).toEqual({
      kind: 'local_factor_refused',
      actor: `local:${ann}`,
      facts: { userId: ann, factor: 'totp', wrong: 6 },
    })
  })

  it('leaves a guesser no more than forty tries in a day', async () => {
    const deps = await stage(open)
    await addApp(deps, 'ann')
    let looked = 0
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      deps.clock.move(60_000)
      for (let again = 0; again < 6; again += 1) {
        if ((await outcomeOf(verifyFactor(deps, ann, totp('x')))) === 'too_many') break
        looked += 1
      }
    }
    expect(looked).toBeLessThanOrEqual(40)
  }, 60_000)

  it('lives on when the secret is rotated, and no longer needs the old one once it was used', async () => {
    const deps = await stage(open)
    const key = await addApp(deps, 'ann')
    const bobs = await addApp(deps, 'bob')
    const [old] = deps.web.secrets
    const fresh = secret('another secret of 32 characters!!')
    const during = { ...deps, web: { ...deps.web, secrets: [fresh, old!] } }
    deps.clock.move(60_000)
    await verifyFactor(during, ann, totp(codeOf(deps, key)))
    deps.clock.move(60_000)
    const afterwards = { ...deps, web: { ...deps.web, secrets: [fresh] } }
    await verifyFactor(afterwards, ann, totp(codeOf(deps, key)))
    // Who never used it meanwhile is told what helps, and the trail says why.
    await expect(verifyFactor(afterwards, bob, totp(codeOf(deps, bobs)))).rejects.toMatchObject({
      code: 'wrong_code',
      message: expect.stringContaining('ask your administrator to reset your second factors'),
    })
    expect((await auditTrail(deps.store)).at(-1)).toMatchObject({
      kind: 'local_factor_refused',
      facts: { userId: bob, factor: 'totp', why: 'no web.secret opens it' },
    })
  })

  it('tells a person without one so, and counts no guess', async () => {
    const deps = await stage(open)
    for (let n = 0; n < 10; n += 1)
      await expect(verifyFactor(deps, ann, totp('123456'))).rejects.toMatchObject({
        code: 'wrong_code',
        message: 'No authenticator app is set up for this account.',
      })
  })

  it('is set up only right after a sign-in, with the second factor where there is one, and twice at most', async () => {
    const deps = await stage(open)
    const late = signedIn(deps, 'ann')
    deps.clock.move(15 * 60_000 + 1)
    expect(await outcomeOf(beginTotp(deps, late))).toBe('sign_in_again')
    await addApp(deps, 'ann')
    expect(await outcomeOf(beginTotp(deps, signedIn(deps, 'ann')))).toBe('sign_in_again')
    await addApp(deps, 'ann', ['password', 'totp'])
    expect(await outcomeOf(beginTotp(deps, signedIn(deps, 'ann', ['password', 'totp'])))).toBe('over_limit')
  })
})
