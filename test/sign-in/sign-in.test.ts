import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { dueMails } from '#db/queries/mails.ts'
import { insertFactor } from '#db/queries/second-factors.ts'
import {
  addToPasswords,
  attemptsUnder,
  deleteAttemptsBefore,
  forgetAttempts,
  keepAttempts,
  lastPasswords,
} from '#db/queries/sign-in.ts'
import { keepLocalSetting, localSettings } from '#db/queries/local-settings.ts'
import type { Store } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { addUser } from '#src/local-users/add.ts'
import { changeUser } from '#src/local-users/change.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { enroll, linkToken, openLink } from '#src/local-users/enrollment.ts'
import { changeLocalSettings, readLocalSettings } from '#src/local-users/settings.ts'
import { sendMailsJob } from '#src/local-users/send-mails.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { secret } from '#src/secrets.ts'
import { askForLink, sendAskedLinkJob } from '#src/sign-in/ask-link.ts'
import { browserOf, markBrowser } from '#src/sign-in/known-browser.ts'
import { hasToWait, waitMs } from '#src/sign-in/lock-out.ts'
import { findSession } from '#src/sign-in/session.ts'
import { createSignIn, type PasswordTry } from '#src/sign-in/sign-in.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { actorWith, auditTrail, localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { after, start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const minuteMs = 60_000
const right = 'violet tractor under ice'
const other = 'seven green umbrellas sing'
const secrets = [secret('w'.repeat(32))]
const webSecret = secret('w'.repeat(32))
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof UserError ? error.code : error),
  )

async function stage(store: Store) {
  const deps = { ...localUserDeps(store), secrets }
  const { id } = await addUser(deps, lou, { email: 'ann@corp.example', description: '' })
  const sent: string[] = []
  const mailing = {
    publicUrl: 'https://access.example',
    webSecret,
    send: async (mail: { kind: string; to: string; link: { reveal(): string }; messageId: string }) => {
      sent.push(`${mail.kind} ${mail.to} ${mail.link.reveal()}`)
      return { kind: 'sent' as const }
    },
  }
  const runner = createRunner({
    store,
    clock: deps.clock,
    log: createKeptLog(),
    kinds: [sendMailsJob({ ...deps, mailing }), sendAskedLinkJob(deps)],
    concurrency: 1,
  })
  const lastLink = () => /\/enroll\/(\S+)$/.exec(sent.at(-1) ?? '')?.[1] ?? ''
  await runner.runAllDue()
  await enroll(deps, lastLink(), secret(right))
  const signIn = createSignIn(deps)
  const attempt = (fields: Partial<Omit<PasswordTry, 'password'>> & { password?: string } = {}) =>
    signIn.withPassword({
      email: 'ann@corp.example',
      source: '192.0.2.1',
      label: 'a test',
      ...fields,
      password: secret(fields.password ?? right),
    })
  return { deps, id, signIn, attempt, sent, lastLink, runner, directory: createLocalDirectory(deps) }
}

describeOnBothEngines('Signing in', (open) => {
  it('takes the password of an enrolled and enabled person, in any case of the address', async () => {
    const { deps, attempt, id } = await stage(await open())
    const result = await attempt({ email: ' ANN@Corp.Example ' })
    expect(result.kind).toBe('signed_in')
    expect(await findSession(deps, result.token.reveal(), 'page')).toMatchObject({
      userId: id,
      factors: ['password'],
    })
    expect((await auditTrail(deps.store)).at(-1)).toMatchObject({
      kind: 'local_user_signed_in',
      actor: `local:${id}`,
    })
  })

  it('says the same for a wrong password, unknown, disabled and not enrolled people, and for no address at all', async () => {
    const { deps, attempt, id, directory } = await stage(await open())
    await addUser(deps, lou, { email: 'new@corp.example', description: '' })
    const said = new Set<unknown>()
    const hear = async (fields: Parameters<typeof attempt>[0]) =>
      said.add(
        await attempt(fields).catch((error: unknown) => (error instanceof UserError ? error.message : error)),
      )
    await hear({ password: `${right} ` })
    await hear({ email: 'nobody@corp.example' })
    await hear({ email: 'new@corp.example' })
    for (const email of ['', 'no address', '\0', 'x'.repeat(10_000)]) await hear({ email })
    await directory.disable(id)
    await hear({})
    expect([...said]).toEqual(['The address and the password do not match. Try again, or ask for a link.'])
    expect(JSON.stringify(await auditTrail(deps.store))).not.toContain('nobody@corp.example')
  })

  it('ends the session that the browser had, whoever’s it was', async () => {
    const { deps, attempt } = await stage(await open())
    const first = await attempt()
    const second = await attempt({ before: first.token.reveal() })
    expect(await findSession(deps, first.token.reveal(), 'page')).toBeUndefined()
    expect(await findSession(deps, second.token.reveal(), 'page')).toBeDefined()
  })

  it('opens nothing but the second step where there is a second factor or one is required', async () => {
    const { deps, attempt, signIn, id } = await stage(await open())
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    const half = await attempt()
    expect(half.kind).toBe('second_step')
    expect(await findSession(deps, half.token.reveal(), 'page')).toBeUndefined()
    expect(await signIn.halfWay(half.token.reveal())).toMatchObject({ userId: id })
    await changeLocalSettings(deps, lou, { mfaRequired: false })
    const app = { id: 'f', userId: id, kind: 'totp', name: 'Phone', sealed: 's', createdAt: deps.clock.now() }
    await deps.store.write((ctx) => insertFactor(ctx, app))
    expect((await attempt()).kind).toBe('second_step')
  })

  it('completes a second step once, and not after ten minutes or once the account is disabled', async () => {
    const { deps, attempt, signIn, id, directory } = await stage(await open())
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    const half = (await attempt()).token.reveal()
    const full = await signIn.complete(half, 'totp', { label: '' })
    expect(await findSession(deps, full.token.reveal(), 'page')).toMatchObject({
      factors: ['password', 'totp'],
    })
    expect(await code(signIn.complete(half, 'totp', { label: '' }))).toBe('stale')
    const slow = (await attempt()).token.reveal()
    deps.clock.move(10 * minuteMs)
    expect(await code(signIn.complete(slow, 'totp', { label: '' }))).toBe('stale')
    const cut = (await attempt()).token.reveal()
    await directory.disable(id)
    expect(await code(signIn.complete(cut, 'totp', { label: '' }))).toBe('stale')
  })

  it('refuses at once what would only wait for the processor, with no word on the address', async () => {
    const { attempt } = await stage(await open())
    const many = await Promise.all(
      Array.from({ length: 160 }, (_, n) =>
        code(attempt({ email: `p${n}@corp.example`, password: 'x', source: `192.0.2.${n}` })),
      ),
    )
    const refused = many.filter((word) => word === 'too_many').length
    expect(refused).toBeGreaterThan(0)
    expect(many.filter((word) => word === 'not_understood')).toHaveLength(160 - refused)
    expect((await attempt()).kind).toBe('signed_in')
  })

  it('of two that complete the same step at once lets one in', async () => {
    const { deps, attempt, signIn } = await stage(await open())
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    const half = (await attempt()).token.reveal()
    const both = await Promise.all([1, 2].map(() => code(signIn.complete(half, 'totp', { label: '' }))))
    expect(both.map(String).toSorted((one, two) => one.localeCompare(two))).toEqual(['no refusal', 'stale'])
  })
})

describeOnBothEngines('Guessing', (open, databases) => {
  it('is slowed after five tries, by address, also for one that nobody has', async () => {
    const { deps, attempt } = await stage(await open())
    for (const email of ['ann@corp.example', 'nobody@corp.example']) {
      const wrong = (from: number) => code(attempt({ email, password: 'x', source: `192.0.2.${from}` }))
      for (let n = 0; n < 5; n += 1) expect(await wrong(n)).toBe('not_understood')
      expect(await wrong(6)).toBe('too_many')
      deps.clock.move(15_000)
      expect(await wrong(7)).toBe('not_understood')
      deps.clock.move(15_000)
      expect(await wrong(8)).toBe('too_many')
      deps.clock.move(15_000)
      expect(await wrong(9)).toBe('not_understood')
    }
  })

  it('does not get past the wait with the right password, and knocking does not make the wait longer', async () => {
    const { deps, attempt } = await stage(await open())
    for (let n = 0; n < 5; n += 1) await code(attempt({ password: 'x' }))
    for (let n = 0; n < 20; n += 1) expect(await code(attempt())).toBe('too_many')
    deps.clock.move(15_000)
    expect((await attempt()).kind).toBe('signed_in')
    for (let n = 0; n < 5; n += 1) expect(await code(attempt({ password: 'x' }))).toBe('not_understood')
  })

  it('from everywhere at once counts the same, on two replicas too', async () => {
    const url = await databases.newUrl()
    const one = await stage(await databases.openUrl(url))
    const second = createSignIn({ ...one.deps, store: await databases.openUrl(url) })
    const tries = Array.from({ length: 12 }, (_, n) =>
      code(
        (n % 2 === 0 ? second : one.signIn).withPassword({
          email: 'ann@corp.example',
          password: secret('x'),
          source: `192.0.2.${n}`,
          label: '',
        }),
      ),
    )
    const said = await Promise.all(tries)
    expect(said.filter((word) => word === 'not_understood')).toHaveLength(5)
    expect(said.filter((word) => word === 'too_many')).toHaveLength(7)
  })

  it('by strangers does not keep out a person in a browser they know, and never for good elsewhere', async () => {
    const { deps, attempt } = await stage(await open())
    const first = await attempt()
    const mark = 'mark' in first ? first.mark : ''
    for (let n = 0; n < 200; n += 1) {
      await code(attempt({ password: 'x', source: `198.51.100.${n}` }))
      deps.clock.move(5 * minuteMs)
    }
    expect((await attempt({ mark })).kind).toBe('signed_in')
    deps.clock.move(15 * minuteMs)
    expect((await attempt({ source: '203.0.113.1' })).kind).toBe('signed_in')
    expect(
      await code(attempt({ mark: markBrowser(secrets, 'bob@corp.example', start), password: 'x' })),
    ).toBe('not_understood')
    expect(browserOf(secrets, mark, 'Ann@corp.example')).toBeDefined()
    expect(browserOf([secret('n'.repeat(32)), ...secrets], mark, 'ann@corp.example')).toBeDefined()
    for (const wrong of [
      undefined,
      '',
      'x',
      `${mark}x`,
      markBrowser([secret('n'.repeat(32))], 'ann@corp.example', start),
      markBrowser(secrets, 'bob@corp.example', start),
    ])
      expect(browserOf(secrets, wrong, 'ann@corp.example')).toBeUndefined()
  })

  it('by strangers at the same source does not keep out a person in a browser they know', async () => {
    const { attempt } = await stage(await open())
    const first = await attempt()
    const mark = 'mark' in first ? first.mark : ''
    for (let n = 0; n < 50; n += 1) await code(attempt({ email: `p${n}@corp.example`, password: 'x' }))
    expect(await code(attempt())).toBe('too_many')
    expect(await code(attempt({ email: 'p1@corp.example', mark }))).toBe('too_many')
    expect((await attempt({ mark })).kind).toBe('signed_in')
    for (let n = 0; n < 10; n += 1) await code(attempt({ mark, password: 'x' }))
    expect(await code(attempt({ mark }))).toBe('too_many')
  })

  it('many addresses from one source is slowed too, for that source alone', async () => {
    const { attempt } = await stage(await open())
    for (let n = 0; n < 50; n += 1) await code(attempt({ email: `p${n}@corp.example`, password: 'x' }))
    expect(await code(attempt())).toBe('too_many')
    expect((await attempt({ source: '192.0.2.99' })).kind).toBe('signed_in')
  })

  it('is told to the person once, when it goes on', async () => {
    const { deps, attempt, sent, runner } = await stage(await open())
    for (let n = 0; n < 14; n += 1) {
      await code(attempt({ password: 'x' }))
      await code(attempt({ email: 'nobody@corp.example', password: 'x', source: '192.0.2.7' }))
      deps.clock.move(15 * minuteMs)
    }
    await runner.runAllDue()
    expect(sent.slice(1)).toEqual(['sign_in_slowed ann@corp.example https://access.example/forgot'])
    const slowed = (await auditTrail(deps.store)).filter(({ kind }) => kind === 'local_sign_in_slowed')
    expect(slowed).toHaveLength(2)
  })
})

describe('The wait', () => {
  it.each([
    [1, '1 second'],
    [59_001, '60 seconds'],
    [60_000, '60 seconds'],
    [60_001, '2 minutes'],
  ])('is told how long to wait: %i ms are %s', (ms, words) => {
    expect(hasToWait({ ms }).message).toContain(`Wait ${words},`)
  })

  it('doubles up to a quarter of an hour', () => {
    expect([0, 4, 5, 6, 7, 11, 500].map((tries) => waitMs('address', tries) / 1000)).toEqual([
      0, 0, 15, 30, 60, 900, 900,
    ])
  })
})

describeOnBothEngines('A link asked for', (open) => {
  it('lets a person who forgot the password choose another one, once, and signs everybody out', async () => {
    const { deps, attempt, sent, lastLink, runner } = await stage(await open())
    const signedIn = await attempt()
    await askForLink(deps, { email: 'Ann@corp.example', source: '192.0.2.1' })
    await runner.runAllDue()
    expect(sent.at(-1)).toMatch(/^asked_link ann@corp\.example https:\/\/access\.example\/enroll\/\S+$/)
    expect((await attempt()).kind).toBe('signed_in')
    expect(await openLink(deps, lastLink())).toMatchObject({ email: 'ann@corp.example', isEnrolled: true })
    await enroll(deps, lastLink(), secret(other))
    expect(await code(enroll(deps, lastLink(), secret('third one is here too')))).toBe('stale')
    expect(await findSession(deps, signedIn.token.reveal(), 'page')).toBeUndefined()
    expect(await code(attempt())).toBe('not_understood')
    expect((await attempt({ password: other })).kind).toBe('signed_in')
    expect((await auditTrail(deps.store)).map(({ kind }) => kind)).toContain('local_user_password_changed')
    await runner.runAllDue()
    expect(sent.at(-1)).toBe('password_changed ann@corp.example https://access.example/forgot')
  })

  it('is good for an hour, and the same one comes again while it is', async () => {
    const { deps, lastLink, runner } = await stage(await open())
    const ask = async () => {
      await askForLink(deps, { email: 'ann@corp.example', source: '192.0.2.1' })
      await runner.runAllDue()
      return lastLink()
    }
    const first = await ask()
    expect(await ask()).toBe(first)
    deps.clock.move(61 * minuteMs)
    expect(await code(openLink(deps, first))).toBe('stale')
    expect(await ask()).not.toBe(first)
    expect(await code(openLink(deps, first))).toBe('stale')
  })

  it('renews an enrollment that ended, and does nothing for who is unknown or disabled', async () => {
    const { deps, sent, lastLink, runner, directory, id } = await stage(await open())
    await addUser(deps, lou, { email: 'new@corp.example', description: '' })
    await runner.runAllDue()
    deps.clock.move(25 * 60 * minuteMs)
    await directory.disable(id)
    const before = sent.length
    for (const email of ['ann@corp.example', 'nobody@corp.example', 'no address', '\0'])
      await askForLink(deps, { email, source: '192.0.2.1' })
    await runner.runAllDue()
    expect(sent).toHaveLength(before)
    await askForLink(deps, { email: 'new@corp.example', source: '192.0.2.1' })
    await runner.runAllDue()
    expect(await openLink(deps, lastLink())).toMatchObject({ email: 'new@corp.example', isEnrolled: false })
  })

  it('dies when the account is disabled, and stays dead when it is enabled again', async () => {
    const { deps, id, lastLink, runner } = await stage(await open())
    await askForLink(deps, { email: 'ann@corp.example', source: '192.0.2.1' })
    await runner.runAllDue()
    await changeUser(deps, lou, 'disable', id)
    await changeUser(deps, lou, 'enable', id)
    expect(await code(openLink(deps, lastLink()))).toBe('stale')
    expect(await code(enroll(deps, lastLink(), secret(other)))).toBe('stale')
  })

  it('is not sent too often to one address, without a word, nor asked for too often from one source', async () => {
    const { deps, sent, runner } = await stage(await open())
    const before = sent.length
    for (let n = 0; n < 8; n += 1) {
      await askForLink(deps, { email: 'ann@corp.example', source: `192.0.2.${n}` })
      await runner.runAllDue()
    }
    expect(sent).toHaveLength(before + 3)
    for (let n = 0; n < 20; n += 1)
      await askForLink(deps, { email: `p${n}@corp.example`, source: '198.51.100.1' })
    expect(await code(askForLink(deps, { email: 'p99@corp.example', source: '198.51.100.1' }))).toBe(
      'too_many',
    )
  })

  it('is made with a key of its own and not with the secret itself', () => {
    const of = { userId: 'x', generation: 1 }
    const raw = createHmac('sha256', webSecret.reveal()).update('enrollment\nx\n1').digest('base64url')
    const own = createHmac('sha256', webSecret.reveal()).update('x\n1').digest('base64url')
    expect([`x.${raw}`, `x.${own}`]).not.toContain(linkToken(webSecret, of).reveal())
  })

  it('cannot be guessed from the link of somebody else or an older one', async () => {
    const { deps, id, lastLink, runner } = await stage(await open())
    await askForLink(deps, { email: 'ann@corp.example', source: '192.0.2.1' })
    await runner.runAllDue()
    const [, signature = ''] = lastLink().split('.')
    const bob = await addUser(deps, lou, { email: 'bob@corp.example', description: '' })
    await runner.runAllDue()
    const guesses = [
      `${bob.id}.${signature}`,
      id,
      `${id}.`,
      `${id}.${'A'.repeat(43)}`,
      `${id}\0.${signature}`,
      '',
      'x'.repeat(99_999),
    ]
    for (const old of [0, 1, 99]) guesses.push(linkToken(webSecret, { userId: id, generation: old }).reveal())
    guesses.push(linkToken(secret('v'.repeat(32)), { userId: id, generation: 2 }).reveal())
    for (const guess of guesses) expect(await code(openLink(deps, guess)), guess.slice(0, 80)).toBe('stale')
  })
})

describeOnBothEngines('Passwords of the past', (open) => {
  it('are refused: the last five', async () => {
    const { deps, lastLink, runner } = await stage(await open())
    const change = async (password: string) => {
      deps.clock.move(24 * 60 * minuteMs)
      await askForLink(deps, { email: 'ann@corp.example', source: '192.0.2.1' })
      await runner.runAllDue()
      return await code(enroll(deps, lastLink(), secret(password)))
    }
    expect(await change(right)).toBe('already_there')
    for (let n = 0; n < 4; n += 1) expect(await change(`${other} number ${n}`)).toBe('no refusal')
    expect(await change(right)).toBe('already_there')
    expect(await change(`${other} number 4`)).toBe('no refusal')
    expect(await change(right)).toBe('no refusal')
  })

  it('are kept as hashes, so many as asked, and go with the account', async () => {
    const { deps, id } = await stage(await open())
    for (const hash of ['a', 'b', 'c'])
      await deps.store.write((ctx) => addToPasswords(ctx, { userId: id, hash }, 2))
    expect(await deps.store.read((ctx) => lastPasswords(ctx, id, 5))).toEqual(['c', 'b'])
    await changeUser(deps, lou, 'delete', id)
    expect(await deps.store.read((ctx) => lastPasswords(ctx, id, 5))).toEqual([])
  })
})

describeOnBothEngines('Tries and settings', (open) => {
  it('are kept under their keys and forgotten when they are old', async () => {
    const store = await open()
    const rows = [
      { key: 'a', tries: 1, lastAt: start },
      { key: 'b', tries: 2, lastAt: after(2) },
      { key: 'c', tries: 3, lastAt: after(2) },
    ]
    for (const row of [{ key: 'a', tries: 9, lastAt: after(9) }, ...rows])
      await store.write((ctx) => keepAttempts(ctx, row))
    await store.write((ctx) => forgetAttempts(ctx, ['c']))
    expect(await store.read((ctx) => attemptsUnder(ctx, ['a', 'c', 'd']))).toEqual([rows[0]])
    await store.write((ctx) => deleteAttemptsBefore(ctx, after(1)))
    expect(await store.read((ctx) => attemptsUnder(ctx, ['a', 'b']))).toEqual([rows[1]])
    for (const value of ['x', true])
      await store.write((ctx) => keepLocalSetting(ctx, { key: 'k', value, updatedAt: start, updatedBy: 'U' }))
    expect(await store.read(localSettings)).toEqual([['k', true]])
    expect(await store.read((ctx) => dueMails(ctx, { now: start, after: 0, limit: 1 }))).toEqual([])
  })

  it('are changed by who may, and what changed is recorded', async () => {
    const deps = localUserDeps(await open())
    expect(await deps.store.read(readLocalSettings)).toEqual({ mfaRequired: false, brandingText: '' })
    await changeLocalSettings(deps, lou, { brandingText: ' Corp\r\nHelp: \u0007 1234 ' })
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    expect(await deps.store.read(readLocalSettings)).toEqual({
      mfaRequired: true,
      brandingText: 'Corp\nHelp:   1234',
    })
    expect(await code(changeLocalSettings(deps, lou, { brandingText: 'x'.repeat(301) }))).toBe('too_long')
    expect(await code(changeLocalSettings(deps, actorWith('responder'), { mfaRequired: false }))).toBe(
      'not_allowed',
    )
    expect(await auditTrail(deps.store)).toHaveLength(2)
  })
})
