import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { addUser } from '#src/local-users/add.ts'
import { changeUser } from '#src/local-users/change.ts'
import { addGroup } from '#src/local-users/groups.ts'
import { changeMembers } from '#src/local-users/members.ts'
import { packageReport, proxyPackages } from '#src/sandbox/packages.ts'
import { chromiumPath, leave } from '#test/helpers/chromium.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { complaintsOf, lookAt } from '#test/helpers/look.ts'
import { own, shop, startEcho, startNginx, wiki } from '#test/helpers/protected-hosts.ts'
import { startWebStage } from '#test/helpers/web.ts'

const { missing } = await packageReport([...proxyPackages])
const ann = 'ann@corp.example'
const password = 'violet tractor under ice'

/** Our own pages and two protected hosts behind nginx on TLS, each on a name of its own, and a Chromium that finds them. */
async function stage(options: BrowserContextOptions = {}, served = [wiki, shop]) {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-browser-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  const resources = [
    { kind: 'host' as const, id: wiki, name: 'Wiki' },
    { kind: 'host' as const, id: shop, name: 'Shop' },
  ].filter(({ id }) => served.includes(id))
  const who = [{ kind: 'group', name: 'vpn' }] as const
  const web = await startWebStage(store, {
    web: { publicUrl: `https://${own}`, trustedProxies: ['127.0.0.1/32'] },
    access: { resources, rules: [{ to: resources, who }] },
  })
  const app = await startEcho()
  onTestFinished(() => app[Symbol.asyncDispose]())
  const nginx = await startNginx(folder, { web: web.port, app: app.port })
  onTestFinished(() => nginx[Symbol.asyncDispose]())
  const resolved = [own, wiki, shop].map((host) => `MAP ${host.replace(/:.*/, '')} ${nginx.address}`)
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: ['--no-sandbox', `--host-resolver-rules=${resolved.join(',')}`],
  })
  onTestFinished(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options })
  const page = await context.newPage()
  const { id } = await addUser(web.deps, lou, { email: ann, description: '' })
  const vpn = await addGroup(web.deps, lou, { name: 'vpn', description: '' })
  await changeMembers(web.deps, lou, vpn, { add: [id], remove: [] })
  const enroll = async () => {
    await page.goto(`https://${own}${await web.mailedPath()}`)
    await page.getByLabel('New password').fill(password)
    await page.getByLabel('The same password again').fill(password)
    await leave(page, page.getByRole('button', { name: 'Set the password' }))
    await page.getByRole('heading', { name: 'Set up your sign-in' }).waitFor({ state: 'detached' })
    await context.clearCookies()
  }
  const complaints = complaintsOf(page)
  const look = async (name: string): Promise<void> => {
    await lookAt(page, name)
    expect(complaints).toEqual([])
  }
  return { ...web, page, id, vpn, enroll, look }
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill(ann)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** What the application behind the proxy was told. */
async function told(page: Page): Promise<{ path: string; headers: Record<string, string> }> {
  const text = (await page.locator('body').textContent()) ?? ''
  return JSON.parse(text)
}

describe.skipIf(missing.length > 0 || chromiumPath === undefined)(
  'A real browser at hosts behind nginx',
  () => {
    it.each([
      ['with scripts', {}],
      ['without scripts', { javaScriptEnabled: false }],
    ])('comes from the mailed link through sign-in to the page that it asked for, %s', async (_, options) => {
      const { page, id, enroll, deps } = await stage(options)
      await enroll()
      await page.goto(`https://${wiki}/a/b?c=d`)
      expect(new URL(page.url()).host).toBe(own)
      await signIn(page)
      await page.waitForURL(`https://${wiki}/a/b?c=d`)
      expect(await told(page)).toMatchObject({
        path: '/a/b?c=d',
        headers: { 'x-auth-user': id, 'x-auth-email': ann, 'x-auth-groups': 'vpn' },
      })
      // The other host asks nothing any more.
      await page.goto(`https://${shop}/x`)
      expect(await told(page)).toMatchObject({ path: '/x', headers: { 'x-auth-email': ann } })
      await changeUser(deps, lou, 'disable', id)
      for (const host of [wiki, shop]) {
        await page.goto(`https://${host}/x`)
        expect(new URL(page.url())).toMatchObject({ host: own, pathname: '/sign-in' })
      }
    })

    it('is shown why it does not get in, and signs out from there', async () => {
      const { page, id, vpn, enroll, deps, look } = await stage()
      await enroll()
      await page.goto(`https://${wiki}/`)
      await signIn(page)
      await page.waitForURL(`https://${wiki}/`)
      await changeMembers(deps, lou, vpn, { add: [], remove: [id] })
      const refused = await page.goto(`https://${wiki}/x`)
      expect(refused?.status()).toBe(403)
      expect(await page.getByRole('main').textContent()).toContain('No rule lets you reach Wiki.')
      await look('no-access')
      await page.goto(`https://${shop}/x`)
      expect(new URL(page.url())).toMatchObject({ host: own, pathname: '/forward-auth/ticket' })
      await look('no-access-own')
      await page.goto(`https://${wiki}/x`)
      await leave(page, page.getByRole('link', { name: 'Use another account' }))
      await look('sign-out')
      await leave(page, page.getByRole('button', { name: 'Sign out' }))
      await page.getByRole('heading', { name: 'You are signed out' }).waitFor()
      await look('signed-out-host')
      await page.goto(`https://${wiki}/.drawbridge/callback?ticket=${'x'.repeat(22)}`)
      await look('used-ticket')
      await leave(page, page.getByRole('link', { name: 'Go on' }))
      expect(new URL(page.url())).toMatchObject({ host: own, pathname: '/sign-in' })
    })

    it('is told where a host is not served, and that forms of other sites sign nobody out', async () => {
      const { page, enroll, look } = await stage({}, [wiki])
      const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor()
      await enroll()
      expect((await page.goto(`https://${shop}/x`))?.status()).toBe(403)
      await heading('Not served here')
      await look('not-served-host')
      await page.goto(`https://${own}/forward-auth/ticket?to=${encodeURIComponent(`https://${shop}/`)}`)
      await heading('Not served here')
      await look('not-served-own')
      await page.goto(`https://${wiki}/`)
      await signIn(page)
      await page.waitForURL(`https://${wiki}/`)
      await page.goto('data:text/html,<title>evil</title>')
      await page.setContent(
        `<form method="post" action="https://${wiki}/.drawbridge/sign-out"><button>Win</button></form>`,
      )
      await leave(page, page.getByRole('button', { name: 'Win' }))
      await heading('Not accepted')
      await look('foreign-form-host')
      await page.goto(`https://${wiki}/`)
      expect(await told(page)).toMatchObject({ headers: { 'x-auth-email': ann } })
    })
  },
)
