import { expect, it } from 'vitest'
import { endSessions } from '#db/queries/local-users-sign-in.ts'
import { changeUser } from '#src/local-users/change.ts'
import { secret } from '#src/secrets.ts'
import { changePassword } from '#src/sign-in/change-password.ts'
import { findSession } from '#src/sign-in/session.ts'
import { beginTotp, finishTotp } from '#src/sign-in/totp.ts'
import { auditTrail, lou } from '#test/helpers/local-admin.ts'
import { codeOf } from '#test/helpers/second-factors.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'
import { startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const other = 'seven green umbrellas sing'
const ann = 'ann@corp.example'
const cookie = '__Host-drawbridge'
const path = '/access/password'
const location = (answer: { headers: Readonly<Record<string, unknown>> }) => answer.headers['location']

async function stage(open: OpenStore) {
  const all = await startWebStage(await open())
  const userId = await all.enrolled(ann, right)
  const signedIn = async (password = right) => {
    const visitor = all.visitor()
    const { status } = await visitor.visit('/sign-in', { form: { email: ann, password } })
    const isIn = async () => (await visitor.visit('/access')).status === 200
    return { ...visitor, status, isIn }
  }
  const typed = (change: Readonly<Record<string, string>> = {}) => ({
    form: { current: right, password: other, again: other, ...change },
  })
  const kinds = async () => (await auditTrail(all.deps.store)).map(({ kind }) => kind)
  return { ...all, userId, signedIn, typed, kinds }
}

describeOnBothEngines('Changing the password', (open) => {
  it('ends every other sign-in, and this one goes on under a new cookie', async () => {
    const { signedIn, typed, deps, smtp, runner, kinds } = await stage(open)
    const [here, there] = [await signedIn(), await signedIn()]
    const before = here.cookies.get(cookie) ?? ''
    expect((await here.visit('/access')).text).toContain(`href="${path}"`)
    expect(location(await here.visit('/.well-known/change-password'))).toBe(path)
    expect((await here.visit(path)).text).toContain('autocomplete="current-password"')
    expect(location(await here.visit(path, typed()))).toBe(`${path}/changed`)
    expect([await here.isIn(), await there.isIn()]).toEqual([true, false])
    expect(here.cookies.get(cookie)).not.toBe(before)
    expect(await findSession(deps, before, 'page')).toBeUndefined()
    expect([(await signedIn(right)).status, (await signedIn(other)).status]).toEqual([422, 303])
    await runner.runAllDue()
    expect(smtp.arrived.at(-1)?.mail.subject).toBe('Your password was changed')
    expect(await kinds()).toContain('local_user_password_changed')
  })

  it('wants the current one, and waits after some wrong ones, in every browser of the person', async () => {
    const { signedIn, typed, deps, kinds } = await stage(open)
    const [here, there] = [await signedIn(), await signedIn()]
    const wrong = typed({ current: 'not this one at all' })
    const seen: number[] = []
    for (let n = 0; n < 6; n += 1) seen.push((await (n % 2 ? here : there).visit(path, wrong)).status)
    expect(seen).toEqual([422, 422, 422, 422, 422, 429])
    const late = await here.visit(path, typed())
    expect([late.status, late.text.includes('id="current-problem"')]).toEqual([429, true])
    expect(await kinds()).toContain('local_password_change_refused')
    deps.clock.move(60_000)
    expect((await here.visit(path, typed())).status).toBe(303)
  })

  it('takes the new one by the rules of all new passwords, and says under which field', async () => {
    const { signedIn, typed } = await stage(open)
    const here = await signedIn()
    for (const [change, field] of [
      [{ password: 'short', again: 'short' }, 'password'],
      [{ password: 'password1234', again: 'password1234' }, 'password'],
      [{ password: right, again: right }, 'password'],
      [{ again: 'something else here' }, 'again'],
    ] as const) {
      const { status, text } = await here.visit(path, typed(change))
      expect([status, text.includes(`id="${field}-problem"`)], JSON.stringify(change)).toEqual([422, true])
      expect(text).not.toContain(change.again)
    }
    expect((await signedIn(right)).status).toBe(303)
  })

  it('needs a fresh sign-in, with the second factor where there is one', async () => {
    const { signedIn, typed, deps, web, visitor } = await stage(open)
    const here = await signedIn()
    deps.clock.move(16 * 60_000)
    for (const late of [await here.visit(path), await here.visit(path, typed())])
      expect(late.text).toContain('action="/access/sign-in-again"')
    const fresh = await signedIn()
    const session = await findSession(deps, fresh.cookies.get(cookie) ?? '', 'page')
    if (session === undefined) throw new Error('nobody is signed in')
    const factors = { ...deps, web }
    const { id, typed: key } = await beginTotp(factors, session)
    await finishTotp(factors, session, { id, code: codeOf(factors, key.reveal()), name: 'Phone' })
    const half = visitor()
    await half.visit('/sign-in', { form: { email: ann, password: right } })
    for (const one of [await half.visit(path), await half.visit(path, typed())])
      expect(location(one)).toMatch(/^\/sign-in\/step/)
    const stranger = visitor()
    for (const one of [await stranger.visit(path), await stranger.visit(path, typed())])
      expect(location(one)).toMatch(/^\/sign-in\?/)
    expect((await signedIn(right)).status).toBe(303)
  })

  it('lets one of several at once win, and its password is the one that counts', async () => {
    const { signedIn, typed } = await stage(open)
    const browsers = await Promise.all([0, 1, 2, 3].map(() => signedIn()))
    const wanted = browsers.map(
      (_, n) => `${['apricot', 'bramble', 'cypress', 'dahlia'][n]} lantern over sea`,
    )
    const answers = await Promise.all(
      browsers.map(({ visit }, n) =>
        visit(path, typed({ password: wanted[n] ?? '', again: wanted[n] ?? '' })),
      ),
    )
    const won = answers.flatMap(({ status }, n) => (status === 303 ? [n] : []))
    expect(won).toHaveLength(1)
    for (const [n, password] of wanted.entries())
      expect((await signedIn(password)).status, password).toBe(won.includes(n) ? 303 : 422)
    const in4 = await Promise.all(browsers.map(({ isIn }) => isIn()))
    expect(in4.filter(Boolean)).toHaveLength(1)
  })

  it('ends links that are out, and does not make the sign-in longer', async () => {
    const { signedIn, typed, mailedPath, visitor, deps } = await stage(open)
    const here = await signedIn()
    await visitor().visit('/forgot', { form: { email: ann } })
    const link = await mailedPath()
    expect((await visitor().visit(link)).status).toBe(200)
    deps.clock.move(14 * 60_000)
    expect((await here.visit(path, typed())).status).toBe(303)
    expect((await visitor().visit(link)).status).toBe(410)
    deps.clock.move(2 * 60_000)
    expect((await here.visit(path)).text).toContain('action="/access/sign-in-again"')
    deps.clock.move(12 * 60 * 60_000 - 16 * 60_000)
    expect(await here.isIn()).toBe(false)
  })

  it('changes nothing for who was signed out or disabled meanwhile', async () => {
    const { signedIn, typed, deps, web, userId } = await stage(open)
    const [ended, disabled] = [await signedIn(), await signedIn()]
    const tokenOf = (one: typeof ended) => one.cookies.get(cookie) ?? ''
    const session = await findSession(deps, tokenOf(ended), 'page')
    if (session === undefined) throw new Error('nobody is signed in')
    await deps.store.write((ctx) => endSessions(ctx, [userId]))
    const change = { current: secret(right), wanted: secret(other), label: 'x' }
    await expect(changePassword({ ...deps, web }, session, change)).rejects.toMatchObject({
      code: 'sign_in_again',
    })
    const again = await signedIn()
    await changeUser(deps, lou, 'disable', userId)
    for (const one of [disabled, again])
      expect(location(await one.visit(path, typed()))).toMatch(/^\/sign-in/)
  })
})
