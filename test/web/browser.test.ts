import { Secret as OtpSecret, TOTP } from 'otpauth'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { freePorts } from '#src/sandbox/directories/server-process.ts'
import { addUser } from '#src/local-users/add.ts'
import { changeUser } from '#src/local-users/change.ts'
import { changeLocalSettings } from '#src/local-users/settings.ts'
import { chromiumPath, leave, startChromium } from '#test/helpers/chromium.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { complaintsOf, lookAt } from '#test/helpers/look.ts'
import { startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const other = 'seven green umbrellas sing'
const third = 'eleven quiet harbours hum'
const ann = 'ann@corp.example'

let chromium: Browser
beforeAll(async () => {
  if (chromiumPath !== undefined) chromium = await startChromium()
})
afterAll(() => chromium.close())

async function stage(options: BrowserContextOptions = {}) {
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  const [port = 0] = await freePorts(1)
  const origin = `http://localhost:${port}`
  const all = await startWebStage(store, { web: { publicUrl: origin, port } })
  await changeLocalSettings(all.deps, lou, { brandingText: 'Corp Example\nHelp: extension 1234' })
  const context = await chromium.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints = complaintsOf(page)
  const go = (path: string) => page.goto(`${origin}${path}`)
  const hasScripts = options.javaScriptEnabled !== false
  const look = async (name: string): Promise<void> => {
    await lookAt(page, name, hasScripts)
    expect(complaints).toEqual([])
  }
  const invite = async () => {
    await addUser(all.deps, lou, { email: ann, description: '' })
    return await all.mailedPath()
  }
  const app = async () => {
    const typed = (await page.locator('.secret').textContent()) ?? ''
    const totp = new TOTP({ secret: OtpSecret.fromBase32(typed.replaceAll(' ', '')) })
    return () => totp.generate({ timestamp: all.deps.clock.now().getTime() })
  }
  return { ...all, page, go, look, invite, app, complaints, origin }
}

const submit = (page: Page, name: string) => leave(page, page.getByRole('button', { name }))
const follow = (page: Page, name: string) => leave(page, page.getByRole('link', { name }).first())

async function setPassword(page: Page, password: string): Promise<void> {
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('The same password again').fill(password)
  await submit(page, 'Set the password')
}

async function changePassword(page: Page, current: string, password: string): Promise<void> {
  if (!page.url().endsWith('/access/password')) await follow(page, 'Change your password')
  await page.getByLabel('Current password').fill(current)
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('The same password again').fill(password)
  await submit(page, 'Change the password')
}

async function signIn(page: Page, password = right): Promise<void> {
  await page.getByLabel('E-mail address').fill(ann)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await submit(page, 'Sign in')
}

// Seventeen pages in four looks take half a minute where others use the machine too.
describe.skipIf(chromiumPath === undefined)('In a real browser', { timeout: 240_000 }, () => {
  it('somebody comes by the mailed link, sets a password, an app and a passkey, and signs in with each', async () => {
    const { deps, page, go, look, invite, app } = await stage()
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    await go(await invite())
    expect(await page.getByRole('heading').first().textContent()).toBe('Set up your sign-in')
    await look('enroll')
    await setPassword(page, 'password1234')
    await look('enroll-refused')
    const password = page.getByLabel('New password')
    expect(await password.getAttribute('aria-invalid')).toBe('true')
    await page.locator('#password:focus').waitFor()
    await setPassword(page, right)
    await look('enrolled')
    await follow(page, 'Sign in')
    await look('sign-in')
    await signIn(page, 'not this one')
    await look('sign-in-refused')
    await signIn(page)
    await look('choose-factor')
    await follow(page, 'Use an authenticator app')
    await look('app')
    const code = await app()
    await page.getByLabel('Code', { exact: true }).fill('000000')
    await submit(page, 'Set it up')
    await look('app-refused')
    await page.getByLabel('Code', { exact: true }).fill(code())
    await submit(page, 'Set it up')
    await look('codes')
    expect(await page.locator('ul.codes li').count()).toBe(10)
    await follow(page, 'I have kept them')

    const cdp = await page.context().newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    const authenticator = { protocol: 'ctap2', transport: 'internal', hasUserVerification: true } as const
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...authenticator, isUserVerified: true, hasResidentKey: true },
    })
    await follow(page, 'Add a passkey')
    await look('passkey')
    await submit(page, 'Add a passkey')
    await page.getByRole('heading', { name: 'My access' }).waitFor()
    await look('access')
    await submit(page, 'Sign out')
    await look('signed-out')

    deps.clock.move(60_000)
    await go('/sign-in')
    await signIn(page)
    await look('step')
    await submit(page, 'Use a passkey')
    await page.getByRole('heading', { name: 'My access' }).waitFor()
    await submit(page, 'Sign out')
    await go('/sign-in?return_to=%2Faccess%2Fapp')
    await signIn(page)
    await page.getByLabel('Code of your authenticator app').fill(code())
    await submit(page, 'Go on')
    expect(await page.getByRole('heading').first().textContent()).toBe('Set up an authenticator app')
    await go('/access')
    await follow(page, 'Change or remove')
    await look('factor')
  })

  it('somebody who forgot the password gets a link, and dead links lead to a new one', async () => {
    const { page, go, look, invite, mailedPath, complaints } = await stage()
    const first = await invite()
    await go(first)
    await setPassword(page, right)
    await go(first)
    expect(await page.getByRole('heading').first().textContent()).toBe('This link has ended')
    await look('dead-link')
    await page.getByLabel('E-mail address').fill(ann)
    await submit(page, 'Send me a link')
    await look('sent')
    const path = await mailedPath()
    expect(path).not.toBe(first)
    await go('/forgot')
    await look('forgot')
    await go(path)
    await look('new-password')
    await setPassword(page, right)
    await page.getByText('You had this password before').waitFor()
    await setPassword(page, other)
    await look('changed')
    await follow(page, 'Sign in')
    await signIn(page, other)
    await page.getByRole('heading', { name: 'My access' }).waitFor()
    await look('access-without-factor')
    await changePassword(page, 'not the current one', third)
    await page.getByText('This is not your current password').waitFor()
    await look('change-password-refused')
    await page.locator('#current:focus').waitFor()
    await go('/access/password')
    await look('change-password')
    await changePassword(page, other, third)
    await page.getByText('You stay signed in here').waitFor()
    await look('changed-here')
    await follow(page, 'My access')
    await page.getByRole('heading', { name: 'My access' }).waitFor()
    await go('/nowhere')
    await look('nothing-here')
    await page.context().clearCookies()
    for (let n = 0; n < 6; n += 1) {
      await go('/sign-in')
      await signIn(page, 'wrong')
    }
    await page.getByText('There were too many tries').waitFor()
    await look('too-many')
    expect(complaints).toEqual([])
  })

  it('all of it but passkeys works without JavaScript', async () => {
    const { deps, page, go, invite, app, look } = await stage({ javaScriptEnabled: false })
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    await go(await invite())
    await setPassword(page, right)
    await follow(page, 'Sign in')
    await signIn(page)
    await follow(page, 'Use an authenticator app')
    const code = await app()
    await page.getByLabel('Code', { exact: true }).fill(code())
    await submit(page, 'Set it up')
    await follow(page, 'I have kept them')
    await page.getByRole('heading', { name: 'My access' }).waitFor()
    await changePassword(page, right, other)
    await page.getByText('You stay signed in here').waitFor()
    await follow(page, 'My access')
    await follow(page, 'Add a passkey')
    await look('passkey-without-script')
    expect(await page.locator('noscript p').isVisible()).toBe(true)
  })

  it('keys alone are enough, and what has the focus shows it', async () => {
    const { page, go, enrolled } = await stage()
    await enrolled(ann, right)
    await go('/sign-in')
    // The first field gets the focus by itself: with the first picture of the page, which may come after its load.
    await page.locator('input[name=email]:focus').waitFor()
    await page.keyboard.type(ann)
    await page.keyboard.press('Tab')
    await page.keyboard.type(right)
    await page.keyboard.press('Tab')
    const style = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    expect(style).toBe('solid')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'My access' }).waitFor()
    await page.waitForLoadState()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
  })

  it('pages that people seldom see say what to do', async () => {
    const { deps, page, go, look, enrolled, app, origin, complaints } = await stage()
    const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
    await enrolled(ann, right)
    await go('/sign-in')
    await signIn(page)
    await follow(page, 'Add an authenticator app')
    const code = await app()
    await page.getByLabel('Code', { exact: true }).fill(code())
    await submit(page, 'Set it up')
    await follow(page, 'I have kept them')
    await follow(page, 'Change or remove')
    deps.clock.move(16 * 60_000)
    await submit(page, 'Remove')
    await heading('Sign in again first')
    await look('again')
    await go(`/access/factor/${'x'.repeat(22)}`)
    await heading('No longer there')
    await look('factor-gone')
    await go('/access')
    await submit(page, 'Sign out')
    await go('/sign-in')
    await signIn(page)
    await follow(page, 'Use a recovery code')
    await look('step-recovery')
    await page.getByLabel('Recovery code', { exact: true }).fill('NOT-A-CODE')
    await submit(page, 'Go on')
    await look('step-recovery-refused')
    const posted = `<form method="post" action="${origin}/sign-out"><button>Win</button></form>`
    await page.goto('data:text/html,<title>evil</title>')
    await page.setContent(posted)
    await submit(page, 'Win')
    await heading('Not accepted')
    await look('not-accepted')
    // The same server under a name that is not ours.
    await page.goto(`${origin.replace('localhost', '127.0.0.1')}/sign-in`)
    await heading('Not served here')
    await look('not-served')
    await deps.store.close()
    await go('/enroll/x')
    await heading('That did not work')
    await look('failed')
    expect(complaints).toEqual([])
  })

  it('a form on another site signs nobody in or out, and no frame shows our pages', async () => {
    const { page, go, origin, enrolled, deps } = await stage()
    const id = await enrolled(ann, right)
    await go('/sign-in')
    await signIn(page)
    await page.getByRole('heading', { name: 'My access' }).waitFor()
    const foreign = await page.context().newPage()
    await foreign.goto('data:text/html,<title>evil</title>')
    await foreign.setContent(`<form method="post" action="${origin}/sign-out"><button>Win</button></form>`)
    await submit(foreign, 'Win')
    await foreign.getByRole('heading', { name: 'Not accepted' }).waitFor()
    await foreign.goto('data:text/html,<title>evil</title>')
    await foreign.setContent(`<iframe src="${origin}/sign-in"></iframe>`)
    const frame = foreign.frameLocator('iframe')
    await expect.poll(() => foreign.frames().length).toBe(2)
    expect(await frame.getByLabel('Password').count()).toBe(0)
    await go('/access')
    await page.getByRole('heading', { name: 'My access' }).waitFor()
    await changeUser(deps, lou, 'disable', id)
    await go('/access')
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})
