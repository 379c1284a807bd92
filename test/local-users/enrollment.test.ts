import { describe, expect, it, onTestFinished } from 'vitest'
import { passwordHashOf } from '#db/queries/local-users-sign-in.ts'
import { localUsersByIds } from '#db/queries/local-users.ts'
import type { Store } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { addUser } from '#src/local-users/add.ts'
import { changeUser } from '#src/local-users/change.ts'
import { enroll, openLink } from '#src/local-users/enrollment.ts'
import { listUsers } from '#src/local-users/list.ts'
import { checkPassword, hashPassword, isPassword } from '#src/local-users/password.ts'
import {
  type Mailing,
  type OutgoingMail,
  type SendMailsDeps,
  sendMailsJob,
} from '#src/local-users/send-mails.ts'
import { createMailer } from '#src/mail/mailer.ts'
import { secret } from '#src/secrets.ts'
import { everyRow } from '#test/helpers/every-row.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { auditTrail, localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { startSmtp } from '#src/sandbox/mailbox/smtp.ts'
import { mailSettings } from '#test/helpers/mail-settings.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const hour = 60 * 60 * 1000
const good = secret('violet tractor under ice')
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'no refusal',
    (error: unknown) => (error instanceof UserError ? `${error.code} ${error.field ?? ''}`.trim() : error),
  )

describe('A password', () => {
  it('is kept so that only the same one fits', async () => {
    const hash = await hashPassword(good)
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(await hashPassword(good)).not.toBe(hash)
    expect(await isPassword(hash, good)).toBe(true)
    expect(await isPassword(hash, secret('violet tractor under ic'))).toBe(false)
    expect(await isPassword(await hashPassword(secret('caf\u00e9')), secret('cafe\u0301'))).toBe(true)
    await expect(isPassword('plain', good)).rejects.toThrow('cannot be read')
  })

  it.each([
    ['elevenchars', 'missing'],
    ['', 'missing'],
    ['x'.repeat(257), 'too_long'],
    ['aaaaaaaaaaaaaa', 'not_understood'],
    ['Password1234!', 'not_understood'],
    ['ann.lee@corp.example', 'not_understood'],
    ['AnnLeeCorp2026', 'not_understood'],
    ['123456789123456789', 'not_understood'],
    ['qwertyqwerty12', 'not_understood'],
    ['violet tractor under ice', 'no refusal'],
    ['пароль из трёх слов', 'no refusal'],
  ])('%j: %s', async (text, expected) => {
    const check = async () => checkPassword(secret(text), 'ann.lee@corp.example')
    expect(await code(check())).toBe(expected === 'no refusal' ? expected : `${expected} password`)
  })
})

async function stage(store: Store, more: Partial<SendMailsDeps> = {}) {
  const smtp = await startSmtp()
  const mailer = createMailer(mailSettings(smtp.url))
  onTestFinished(async () => {
    await mailer[Symbol.asyncDispose]()
    await smtp[Symbol.asyncDispose]()
  })
  const base = localUserDeps(store)
  const webSecret = secret('w'.repeat(32))
  const mailing: Mailing = {
    publicUrl: 'https://access.example',
    webSecret,
    send: (mail, signal) => mailer.send(mail, signal),
  }
  const deps: SendMailsDeps = { ...base, mailing, ...more }
  const log = createKeptLog()
  const runner = createRunner({
    store,
    clock: base.clock,
    log,
    kinds: [sendMailsJob(deps)],
    concurrency: 1,
  })
  const add = async (email = 'ann@corp.example') => (await addUser(deps, lou, { email, description: '' })).id
  /** The link of the mail that arrived last, as the page gets it. */
  const token = () => {
    const text = smtp.arrived.at(-1)?.mail.text ?? ''
    return /https:\/\/access\.example\/enroll\/(\S+)/.exec(text)?.[1] ?? 'no link'
  }
  const user = async (id: string) => (await store.read((ctx) => localUsersByIds(ctx, [id])))[0]!
  return { store, smtp, deps, mailing, runner, add, token, user, clock: base.clock, log }
}

describeOnBothEngines('Enrollment', (open) => {
  it('by a mailed link verifies the address and sets the password, once', async () => {
    const { store, runner, add, token, user, deps, smtp } = await stage(await open())
    const id = await add()
    await runner.runAllDue()
    expect(smtp.arrived.map((one) => one.to)).toEqual([['ann@corp.example']])
    const link = token()
    for (let scans = 0; scans < 3; scans += 1)
      expect(await openLink(deps, link)).toMatchObject({ email: 'ann@corp.example' })
    expect(await code(enroll(deps, link, secret('short')))).toBe('missing password')
    const both = await Promise.all([code(enroll(deps, link, good)), code(enroll(deps, link, good))])
    expect(both.toSorted()).toEqual(['no refusal', 'stale'])
    expect(await code(openLink(deps, link))).toBe('stale')
    expect(await user(id)).toMatchObject({ enrolledAt: deps.clock.now(), linkHash: null, state: 'enabled' })
    const hash = await store.read((ctx) => passwordHashOf(ctx, id))
    expect(await isPassword(hash ?? '', good)).toBe(true)
    expect((await auditTrail(store)).at(-1)).toEqual({
      kind: 'local_user_enrolled',
      actor: `local:${id}`,
      facts: { userId: id },
    })
    const { users } = await listUsers(deps, lou, {}, { number: 0, sort: 'email' })
    expect(users).toMatchObject([{ enrollment: 'enrolled' }])
  })

  it('mails let people who wait in Slack go first', async () => {
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const peopleFirst = async () => {
      asked.resolve()
      await answered.promise
    }
    const { store, runner, add, smtp } = await stage(await open(), { peopleFirst })
    await add()
    const working = runner.runAllDue()
    await asked.promise
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.mails))).toMatchObject([{ attempt: 0 }])
    answered.resolve()
    await working
    expect(smtp.arrived).toHaveLength(1)
  })

  it('leaves no usable link at rest, in any table and at any time', async () => {
    const { store, runner, add, token, deps, smtp, clock, log, user } = await stage(await open())
    const id = await add()
    const atRest = [await everyRow(store)]
    smtp.refuse = () => ({ code: 452, text: 'the box is full' })
    await runner.runAllDue()
    atRest.push(await everyRow(store))
    smtp.refuse = () => undefined
    clock.move(hour)
    // What is there while the mail is on its way.
    smtp.onArrival = async () => void atRest.push(await everyRow(store))
    await runner.runAllDue()
    atRest.push(await everyRow(store))
    const link = token()
    expect(link).toMatch(/^[\w-]{22}\.[\w-]{43}$/)
    await changeUser(deps, lou, 'resend', id)
    await runner.runAllDue()
    atRest.push(await everyRow(store), JSON.stringify(log.lines))
    expect(atRest).toHaveLength(7)
    const secrets = [link, token(), 'w'.repeat(32)].map((text) => text.split('.').at(-1) ?? text)
    for (const text of atRest) for (const one of secrets) expect(text).not.toContain(one)
    // The hash is there, and neither it nor anything else that stands there opens the link.
    const { linkHash } = await user(id)
    expect(atRest.at(-2)).toContain(linkHash)
    for (const word of new Set(atRest.join('\n').match(/[\w+/=-]{16,}/g)))
      for (const guess of [word, `${id}.${word}`])
        expect(await code(openLink(deps, guess)), guess).toBe('stale')
    expect(await code(openLink(deps, token()))).toBe('no refusal')
  })

  it('ends after 24 hours, counted from the mail', async () => {
    const { runner, add, token, deps, clock } = await stage(await open())
    await add()
    clock.move(20 * hour)
    await runner.runAllDue()
    clock.move(24 * hour - 1)
    expect(await code(openLink(deps, token()))).toBe('no refusal')
    clock.move(1)
    expect(await code(openLink(deps, token()))).toBe('stale')
    expect(await code(enroll(deps, token(), good))).toBe('stale')
  })

  it('by an older link ends when a new one is sent for, also before that one is out', async () => {
    const { runner, add, token, deps, smtp } = await stage(await open())
    const id = await add()
    await runner.runAllDue()
    const old = token()
    await changeUser(deps, lou, 'resend', id)
    expect(await code(openLink(deps, old))).toBe('stale')
    await runner.runAllDue()
    expect(smtp.arrived).toHaveLength(2)
    expect(token()).not.toBe(old)
    expect(await code(openLink(deps, old))).toBe('stale')
    expect(await code(enroll(deps, token(), good))).toBe('no refusal')
  })

  it('tells nothing by what it says about links that never were', async () => {
    const { runner, add, token, deps } = await stage(await open())
    const id = await add()
    await runner.runAllDue()
    const [, mac = ''] = token().split('.')
    for (const guess of ['', '.', id, `${id}.`, `${id}.${'A'.repeat(43)}`, `nobody.${mac}`, `${id}.${mac}x`])
      expect(await code(openLink(deps, guess))).toBe('stale')
  })

  it('sends only the newest of several links that wait', async () => {
    const { runner, add, deps, smtp } = await stage(await open())
    const id = await add()
    await changeUser(deps, lou, 'resend', id)
    await changeUser(deps, lou, 'resend', id)
    const gone = await add('gone@corp.example')
    await changeUser(deps, lou, 'delete', gone)
    await runner.runAllDue()
    expect(smtp.arrived.map((one) => one.mail.messageId)).toEqual([`<enrollment.${id}.3@corp.example>`])
  })

  it('waits while the mail server is away, and for an address that is full', async () => {
    const { runner, add, smtp, clock, user } = await stage(await open())
    const id = await add()
    smtp.refuse = () => ({ code: 421, text: 'not now' })
    await runner.runAllDue()
    clock.move(30_000)
    smtp.refuse = () => ({ code: 452, text: '4.2.2 the box is full' })
    for (let i = 0; i < 3; i += 1) {
      await runner.runAllDue()
      clock.move(10 * 60_000)
    }
    expect((await user(id)).mailProblem).toContain('the box is full')
    smtp.refuse = () => undefined
    clock.move(hour)
    await runner.runAllDue()
    expect(smtp.arrived).toHaveLength(1)
    expect((await user(id)).mailProblem).toBeNull()
  })

  it('tells why the mail server does not take an address, and asks no more', async () => {
    const { runner, add, smtp, clock, user, store } = await stage(await open())
    const id = await add()
    await add('bob@corp.example')
    smtp.refuse = (address) => (address.startsWith('ann') ? { code: 550, text: '5.1.1 nobody' } : undefined)
    await runner.runAllDue()
    expect((await user(id)).mailProblem).toContain('5.1.1 nobody')
    expect(smtp.arrived.map((one) => one.to)).toEqual([['bob@corp.example']])
    clock.move(hour)
    await runner.runAllDue()
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.mails))).toEqual([])
  })

  it('sends each of many mails once, also when a process is lost and another one goes on', async () => {
    const store = await open()
    const one = await stage(store)
    for (let i = 0; i < 23; i += 1) await one.add(`p${i}@corp.example`)
    // The first process hears of nothing any more after its seventh mail.
    let sent = 0
    const mailing = {
      ...one.mailing,
      send: (mail: OutgoingMail, signal: AbortSignal) =>
        (sent += 1) <= 7 ? one.mailing.send(mail, signal) : new Promise<never>(() => {}),
    }
    const lost = sendMailsJob({ ...one.deps, mailing })
    void lost.run({}, { jobId: '0', attempt: 1, signal: new AbortController().signal })
    const left = () => store.read((ctx) => ctx.q.select().from(ctx.t.mails))
    await expect.poll(left).toHaveLength(16)
    await one.runner.runAllDue()
    one.clock.move(5 * 60_000)
    await one.runner.runAllDue()
    const ids = one.smtp.arrived.map((mail) => mail.mail.messageId)
    expect(ids).toHaveLength(23)
    expect(new Set(ids).size).toBe(23)
  })

  it('repeats a mail whose answer was lost, with the same link and Message-ID', async () => {
    const { runner, add, token, deps, smtp, clock } = await stage(await open())
    await add()
    smtp.onArrival = () => Promise.reject(new Error('the line is cut'))
    await runner.runAllDue()
    const first = token()
    smtp.onArrival = async () => {}
    clock.move(5 * 60_000)
    await runner.runAllDue()
    expect(smtp.arrived).toHaveLength(2)
    expect(token()).toBe(first)
    expect(new Set(smtp.arrived.map((one) => one.mail.messageId)).size).toBe(1)
    expect(await code(enroll(deps, first, good))).toBe('no refusal')
  })

  it('waits without a mail server', async () => {
    const { runner, add, smtp, deps } = await stage(await open(), { mailing: undefined })
    await add()
    await runner.runAllDue()
    expect(smtp.arrived).toEqual([])
    expect(await deps.store.read((ctx) => ctx.q.select().from(ctx.t.mails))).toHaveLength(1)
  })
})
