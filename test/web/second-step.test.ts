import { Secret as OtpSecret, TOTP } from 'otpauth'
import { expect, it } from 'vitest'
import { changeLocalSettings } from '#src/local-users/settings.ts'
import { actorWith, lou } from '#test/helpers/local-admin.ts'
import { resetFactors } from '#src/sign-in/factors.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'
import { startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const ann = 'ann@corp.example'
const location = (answer: { headers: Readonly<Record<string, unknown>> }) => answer.headers['location']
const hidden = (text: string, name: string) =>
  new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(text)?.[1] ?? ''

async function stage(open: OpenStore) {
  const all = await startWebStage(await open())
  const userId = await all.enrolled(ann, right)
  await changeLocalSettings(all.deps, lou, { mfaRequired: true })
  const signIn = (visitor: ReturnType<typeof all.visitor>, returnTo = '') =>
    visitor.visit('/sign-in', { form: { email: ann, password: right, return_to: returnTo } })
  /** The app that a page asks to be set up. */
  const appOf = (text: string) => {
    const typed = /class="secret"[^>]*>([A-Z2-7 ]+)</.exec(text)?.[1] ?? ''
    const totp = new TOTP({ secret: OtpSecret.fromBase32(typed.replaceAll(' ', '')) })
    return {
      id: hidden(text, 'set_up'),
      code: () => totp.generate({ timestamp: all.deps.clock.now().getTime() }),
    }
  }
  /** Signs in for the first time and sets an app up. */
  const withApp = async () => {
    const me = all.visitor()
    await signIn(me)
    const { text } = await me.visit('/access/app?return_to=%2Foidc%2Fx')
    const app = appOf(text)
    const answer = await me.visit('/access/app', {
      form: { set_up: app.id, code: app.code(), return_to: '/oidc/x' },
    })
    all.deps.clock.move(60_000)
    return { me, app, answer }
  }
  return { ...all, userId, signIn, appOf, withApp }
}

describeOnBothEngines('A second step', (open) => {
  it('is set up at the first sign-in, before anything else opens, with recovery codes shown once', async () => {
    const { visitor, signIn, withApp } = await stage(open)
    const half = visitor()
    expect(location(await signIn(half, '/oidc/x'))).toBe('/sign-in/step?return_to=%2Foidc%2Fx')
    expect((await half.visit('/sign-in/step?return_to=%2Foidc%2Fx')).text).toContain(
      'href="/access/app?return_to=%2Foidc%2Fx"',
    )
    for (const path of ['/access', '/access/factor/x'])
      expect(location(await half.visit(path)), path).toMatch(/^\/sign-in\?/)
    const { me, answer } = await withApp()
    expect(answer.text.match(/<li>[A-Z0-9-]{8,}<\/li>/g)).toHaveLength(10)
    expect(answer.text).toContain('href="/oidc/x"')
    expect((await me.visit('/access')).text).toContain('10 recovery codes are left')
  })

  it('takes the app’s code once, and no page opens before', async () => {
    const { visitor, signIn, withApp, deps } = await stage(open)
    const { app } = await withApp()
    const [one, two] = [visitor(), visitor()]
    for (const half of [one, two]) {
      expect(location(await signIn(half))).toBe('/sign-in/step')
      expect((await half.visit('/sign-in/step')).text).toContain('Code of your authenticator app')
      expect(location(await half.visit('/access'))).toMatch(/^\/sign-in/)
      expect(location(await half.visit('/access/app'))).toMatch(/^\/sign-in\/step/)
    }
    const form = { kind: 'totp', code: app.code() }
    const wrong = await one.visit('/sign-in/step', { form: { kind: 'totp', code: '000000' } })
    expect([wrong.status, wrong.text.includes('This code is not right')]).toEqual([422, true])
    expect(location(await one.visit('/sign-in/step', { form }))).toBe('/access')
    expect((await one.visit('/access')).text).toContain(ann)
    expect((await two.visit('/sign-in/step', { form })).text).toContain('used already')
    expect(location(await two.visit('/access'))).toMatch(/^\/sign-in/)
    deps.clock.move(10 * 60_000)
    expect(location(await two.visit('/sign-in/step', { form: { kind: 'totp', code: app.code() } }))).toBe(
      '/sign-in',
    )
  })

  it('can’t be guessed: after five wrong codes they wait, in every browser', async () => {
    const { visitor, signIn, withApp } = await stage(open)
    const { app } = await withApp()
    const seen: number[] = []
    for (let n = 0; n < 7; n += 1) {
      const half = visitor()
      await signIn(half)
      seen.push((await half.visit('/sign-in/step', { form: { kind: 'totp', code: `00000${n}` } })).status)
    }
    expect(seen).toEqual([422, 422, 422, 422, 422, 429, 429])
    const half = visitor()
    await signIn(half)
    expect((await half.visit('/sign-in/step', { form: { kind: 'totp', code: app.code() } })).status).toBe(429)
  })

  it('takes a recovery code once', async () => {
    const { visitor, signIn, withApp } = await stage(open)
    const { answer } = await withApp()
    const code = /<li>([A-Z0-9-]{8,})<\/li>/.exec(answer.text)?.[1] ?? ''
    const [one, two] = [visitor(), visitor()]
    for (const half of [one, two]) await signIn(half)
    const form = { kind: 'recovery_code', code: ` ${code.toLowerCase()} ` }
    expect(location(await one.visit('/sign-in/step', { form }))).toBe('/access')
    const again = await two.visit('/sign-in/step', { form })
    expect([again.status, again.text.includes('used already')]).toEqual([422, true])
  })

  it('does not let somebody with the password alone add or remove factors', async () => {
    const { visitor, signIn, withApp, appOf } = await stage(open)
    const { me } = await withApp()
    const half = visitor()
    await signIn(half)
    const mine = appOf((await me.visit('/access/app')).text)
    for (const [path, form] of [
      ['/access/app', { set_up: mine.id, code: mine.code(), name: 'x' }],
      ['/access/passkey', { challenge: 'x', answer: '{}', name: 'x' }],
      ['/access/factor/x/remove', {}],
      ['/access/factor/x/name', { name: 'x' }],
      ['/access/recovery-codes', {}],
    ] as const) {
      const answer = await half.visit(path, { form })
      expect([answer.status, String(location(answer)).startsWith('/sign-in')], path).toEqual([303, true])
    }
    expect((await me.visit('/access')).text.match(/Change or remove /g)).toHaveLength(1)
  })

  it('is changed only by who signed in just now', async () => {
    const { deps, withApp, appOf } = await stage(open)
    const { me } = await withApp()
    const second = appOf((await me.visit('/access/app')).text)
    const form = { set_up: second.id, code: second.code(), name: '<b>New phone</b>' }
    const wrong = await me.visit('/access/app', { form: { ...form, code: '000000' } })
    expect([wrong.status, appOf(wrong.text).id]).toEqual([422, second.id])
    // What may lead to another site is left from a page: Chromium holds redirects after a form against `form-action`.
    const added = await me.visit('/access/app', { form: { ...form, return_to: '/oidc/x' } })
    expect([added.status, added.text.includes('content="0; url=/oidc/x"')]).toEqual([200, true])
    const { text } = await me.visit('/access')
    expect(text).toContain('&lt;b&gt;New phone&lt;/b&gt;')
    deps.clock.move(16 * 60_000)
    const factor = /href="(\/access\/factor\/[\w-]+)"/.exec(text)?.[1] ?? ''
    const late = await me.visit(`${factor}/remove`, { form: {} })
    expect(late.text).toContain('action="/access/sign-in-again"')
    const again = await me.visit('/access/sign-in-again', { form: { return_to: factor } })
    expect(location(again)).toBe(`/sign-in?return_to=${encodeURIComponent(factor)}`)
    expect(location(await me.visit('/access'))).toMatch(/^\/sign-in/)
  })

  it('is set up anew after an administrator took all factors away, which signs out everywhere', async () => {
    const { deps, userId, visitor, signIn, withApp } = await stage(open)
    const { me } = await withApp()
    await resetFactors(deps, actorWith('local_user_admin'), userId)
    expect(location(await me.visit('/access'))).toMatch(/^\/sign-in/)
    const half = visitor()
    await signIn(half)
    expect((await half.visit('/sign-in/step')).text).toContain('Set up a second factor')
  })
})
