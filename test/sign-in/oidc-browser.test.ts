import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as client from 'openid-client'
import { Secret as OtpSecret, TOTP } from 'otpauth'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keepPassword } from '#db/queries/local-users-sign-in.ts'
import { openStore } from '#db/store.ts'
import { hashPassword } from '#src/local-users/password.ts'
import { changeLocalSettings } from '#src/local-users/settings.ts'
import { secret } from '#src/secrets.ts'
import { mostUnfinished } from '#src/sign-in/oidc/adapter.ts'
import { chromiumPath, leave } from '#test/helpers/chromium.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { complaintsOf, lookAt } from '#test/helpers/look.ts'
import { afterSignOut, idOf, issuer, startOpenIdStage } from '#test/helpers/openid.ts'
import { handOn, startTlsFront } from '#test/helpers/tls-front.ts'

const password = 'violet tractor under ice'
const wiki = 'https://wiki.example.net'

type Party = Awaited<ReturnType<Awaited<ReturnType<typeof startOpenIdStage>>['party']>>

/** A relying party as somebody would write it with openid-client: /sign-in, /callback, /sign-out, /bye. */
function relyingParty({ config, request }: Party) {
  const begun = new Map<string, Parameters<typeof client.authorizationCodeGrant>[2]>()
  let idToken = ''
  const answer = async (url: URL): Promise<{ to: string } | { text: string }> => {
    switch (url.pathname) {
      case '/sign-in': {
        const { path, checks } = await request(Object.fromEntries(url.searchParams))
        begun.set(checks.expectedState ?? '', checks)
        return { to: `${issuer}${path}` }
      }
      case '/callback': {
        const checks = begun.get(url.searchParams.get('state') ?? '')
        const tokens = await client.authorizationCodeGrant(config, url, checks)
        idToken = tokens.id_token ?? ''
        const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '')
        return { text: `Hello ${info.email}` }
      }
      case '/sign-out': {
        const wanted = { id_token_hint: idToken, post_logout_redirect_uri: afterSignOut }
        return { to: client.buildEndSessionUrl(config, wanted).href }
      }
      default:
        return { text: 'Goodbye' }
    }
  }
  return (asked: IncomingMessage, response: ServerResponse): void => {
    answer(new URL(asked.url ?? '/', wiki)).then(
      (said) =>
        'to' in said
          ? response.writeHead(303, { location: said.to }).end()
          : response.writeHead(200, { 'content-type': 'text/html' }).end(`<h1>${said.text}</h1>`),
      (error: unknown) => {
        const why = error instanceof client.AuthorizationResponseError ? error.error : String(error)
        response.writeHead(403, { 'content-type': 'text/html' }).end(`<h1>Refused: ${why}</h1>`)
      },
    )
  }
}

/** Our own pages and a relying party, each on an origin of its own, and a Chromium that finds them. */
async function stage(options: BrowserContextOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-openid-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  const all = await startOpenIdStage(store)
  const changedAt = all.clock.now()
  const hash = await hashPassword(secret(password))
  await store.write(async (ctx) => {
    for (const name of ['ann', 'bob']) await keepPassword(ctx, { userId: idOf(name), hash, changedAt })
  })
  const front = await startTlsFront(
    folder,
    ['access.example'],
    handOn(() => all.port, 'access.example'),
  )
  onTestFinished(() => front[Symbol.asyncDispose]())
  const there = await startTlsFront(folder, ['wiki.example.net'], relyingParty(await all.party()))
  onTestFinished(() => there[Symbol.asyncDispose]())
  const found = [`access.example:443 127.0.0.1:${front.port}`, `wiki.example.net:443 127.0.0.1:${there.port}`]
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: ['--no-sandbox', `--host-resolver-rules=${found.map((one) => `MAP ${one}`).join(',')}`],
  })
  onTestFinished(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options })
  const page = await context.newPage()
  const complaints = complaintsOf(page)
  const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
  const signIn = async (name = 'ann') => {
    await page.getByLabel('E-mail address').fill(`${name}@corp.example`)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await submit(page, 'Sign in')
  }
  return { ...all, page, complaints, heading, signIn }
}

const submit = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** Sets an authenticator app up on the page that asks for a second factor; says its codes. */
async function setUpApp(page: Page, now: () => number): Promise<() => string> {
  await page.getByRole('link', { name: 'Use an authenticator app' }).click()
  const typed = (await page.locator('.secret').textContent()) ?? ''
  const totp = new TOTP({ secret: OtpSecret.fromBase32(typed.replaceAll(' ', '')) })
  const code = () => totp.generate({ timestamp: now() })
  await page.getByLabel('Code', { exact: true }).fill(code())
  await submit(page, 'Set it up')
  await page.getByRole('link', { name: 'I have kept them' }).click()
  return code
}

describe.skipIf(chromiumPath === undefined)('A real browser at a relying party', { timeout: 120_000 }, () => {
  it.each([
    ['with scripts', {}],
    ['without scripts', { javaScriptEnabled: false }],
  ])('signs in with password and app, comes back, and signs out from there, %s', async (_, options) => {
    const { page, heading, signIn, clock, deps, complaints } = await stage(options)
    const hasScripts = !('javaScriptEnabled' in options)
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    await page.goto(`${wiki}/sign-in`)
    expect(new URL(page.url()).origin).toBe(issuer)
    await signIn()
    // Whoever has no second factor yet sets one up on the way, and still comes back.
    const code = await setUpApp(page, () => clock.now().getTime())
    await heading('Hello ann@corp.example')
    expect(new URL(page.url())).toMatchObject({ origin: wiki, pathname: '/callback' })
    await page.goto(`${wiki}/sign-in`)
    await heading('Hello ann@corp.example')

    await page.goto(`${issuer}/access`)
    await lookAt(page, 'openid-services', hasScripts)
    await leave(page, page.getByRole('button', { name: 'End at Wiki & Co' }))
    await heading('My access')
    expect(await page.getByRole('button', { name: 'End at Wiki & Co' }).count()).toBe(0)
    // Its sign-in here goes on: there it is signed in again without being asked.
    await page.goto(`${wiki}/sign-in`)
    await heading('Hello ann@corp.example')

    await page.goto(`${wiki}/sign-out`)
    await heading('Sign out?')
    await lookAt(page, 'openid-sign-out', hasScripts)
    await submit(page, 'Sign out')
    await heading('Goodbye')
    expect(page.url()).toBe(afterSignOut)

    clock.move(60_000)
    await page.goto(`${wiki}/sign-in`)
    await signIn()
    await page.getByLabel('Code of your authenticator app').fill(code())
    await submit(page, 'Go on')
    await heading('Hello ann@corp.example')
    await page.goto(`${issuer}/oidc/sign-out`)
    await submit(page, 'Stay signed in')
    await heading('You are still signed in')
    await lookAt(page, 'openid-stayed', hasScripts)
    await page.goto(`${wiki}/sign-in`)
    await heading('Hello ann@corp.example')
    await page.goto(`${issuer}/oidc/sign-out`)
    await submit(page, 'Sign out')
    await heading('You are signed out')
    await lookAt(page, 'openid-signed-out', hasScripts)
    // Nobody is signed in here any more: there is nothing to ask.
    await page.goto(`${wiki}/sign-out`)
    if (!hasScripts) {
      // The library's own page, which people with scripts never see.
      await lookAt(page, 'openid-continue', hasScripts)
      await submit(page, 'Continue')
    }
    await heading('Goodbye')
    expect(page.url()).toBe(afterSignOut)
    expect(complaints).toEqual([])
  })

  it('is told here why it does not get in, and goes back to the service, which hears of it', async () => {
    const { page, heading, signIn, complaints } = await stage()
    await page.goto(`${wiki}/sign-in`)
    await signIn('bob')
    await heading('No access')
    expect(await page.getByRole('main').textContent()).toContain('No rule lets you reach Wiki & Co.')
    await lookAt(page, 'openid-no-access')
    await page.getByRole('link', { name: 'Back to Wiki & Co' }).click()
    await heading('Refused: access_denied')
    expect(complaints).toEqual([])
  })

  it('is told what to do when a sign-in cannot go on', async () => {
    const { page, heading, store, complaints } = await stage()
    await page.goto(`${wiki}/sign-in?redirect_uri=https://evil.example/`)
    await heading('That did not work')
    expect(new URL(page.url()).origin).toBe(issuer)
    await lookAt(page, 'openid-problem')
    await page.goto(`${wiki}/sign-in?state=${'x'.repeat(8_000)}`)
    await heading('Too long')
    await lookAt(page, 'openid-too-long')
    await page.goto(`${issuer}/interaction/${'x'.repeat(43)}`)
    await heading('Start again')
    await lookAt(page, 'openid-over')
    await page.goto(`${wiki}/sign-in`)
    const rows = await store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))
    const [begun] = rows.filter(({ kind }) => kind === 'Interaction')
    const more = Array.from({ length: mostUnfinished.perSource }, (_, n) => ({ ...begun!, id: `${n}` }))
    await store.write((ctx) => ctx.q.insert(ctx.t.oidcRecords).values(more))
    await page.goto(`${wiki}/sign-in`)
    await heading('Too many sign-ins')
    await lookAt(page, 'openid-too-many')
    expect(complaints).toEqual([])
  })
})
