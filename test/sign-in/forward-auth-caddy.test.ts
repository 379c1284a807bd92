import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMembers, removeMembers } from '#db/queries/local-groups.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { caddyPackages, packageReport } from '#src/sandbox/packages.ts'
import { startCaddy } from '#test/helpers/caddy.ts'
import { type Browser, idOf, own, shop, startProtectedHosts, wiki } from '#test/helpers/protected-hosts.ts'

const { missing } = await packageReport(caddyPackages)

// The test run says why when there is no Caddy.
describe.skipIf(missing.length > 0)('Hosts behind Caddy', () => {
  let hosts: Awaited<ReturnType<typeof startProtectedHosts>>
  beforeAll(async () => {
    hosts = await startProtectedHosts(startCaddy)
  })
  afterAll(async () => {
    await hosts[Symbol.asyncDispose]()
  })

  const enter = async (name = 'ann'): Promise<Browser> => {
    const browser = hosts.newBrowser()
    await hosts.signIn(browser, name)
    await browser.open(`https://${wiki}/`)
    return browser
  }
  const look = async (browser: Browser, host = wiki) => {
    const { status, location } = await browser.ask(`https://${host}/page`)
    return status === 302 ? `302 ${new URL(location ?? '').pathname}` : status
  }
  const toldBy = async (browser: Browser, headers: Readonly<Record<string, string>>) => {
    const { status, text } = await browser.ask(`https://${wiki}/`, { headers })
    const seen: { headers: Readonly<Record<string, string>> } = JSON.parse(text)
    return { status, text, headers: seen.headers }
  }

  it('send whom they do not know to sign in, and bring them back to the page with who they are', async () => {
    const browser = hosts.newBrowser()
    const placesOf = async () => {
      const seen = await browser.open(`https://${wiki}/a/b?c=d&e=%20f`)
      const places = seen.map(({ status, url }) => `${status} ${new URL(url).host}${new URL(url).pathname}`)
      return { places, text: seen.at(-1)?.text ?? '' }
    }
    expect((await placesOf()).places.slice(0, 3)).toEqual([
      `302 ${wiki}/a/b`,
      `302 ${wiki}/.drawbridge/sign-in`,
      `303 ${own}/forward-auth/ticket`,
    ])
    await hosts.signIn(browser, 'ann')
    const known = await placesOf()
    expect(known.places.slice(2)).toEqual([
      `302 ${own}/forward-auth/ticket`,
      `303 ${wiki}/.drawbridge/callback`,
      `200 ${wiki}/a/b`,
    ])
    expect(JSON.parse(known.text)).toMatchObject({
      path: '/a/b?c=d&e=%20f',
      headers: {
        'x-auth-user': idOf('ann'),
        'x-auth-email': 'ann@corp.example',
        'x-auth-groups': 'B%C3%BCro%2C 1. OG,vpn',
      },
    })
  })

  it('let in whom somebody claims to be by headers of their own under no other name', async () => {
    const browser = await enter()
    const claims = {
      'x-auth-user': 'root',
      'x-auth-email': 'root@corp.example',
      'x-auth-groups': 'admins',
      'x-original-url': `https://${wiki}/`,
      'x-forwarded-host': shop,
      'x-forwarded-uri': '/',
      'x-forwarded-method': 'GET',
      'x-forwarded-for': '127.0.0.1',
    }
    const { text, headers } = await toldBy(browser, claims)
    expect(headers).toMatchObject({ 'x-auth-user': idOf('ann'), 'x-auth-email': 'ann@corp.example' })
    expect(text).not.toContain('admins')
    // The session of one host, claimed for another one's application.
    const other = hosts.newBrowser()
    const key = '__Host-drawbridge-access'
    other.cookies.set(`${shop} ${key}`, browser.cookies.get(`${wiki} ${key}`)!)
    const claimed = { 'x-forwarded-host': wiki, 'x-original-url': `https://${wiki}/` }
    expect((await other.ask(`https://${shop}/`, { headers: claimed })).status).not.toBe(200)
  })

  it('let nobody who is in no group name one', async () => {
    const browser = await enter('cas')
    // Many applications read all three as one variable.
    const names = ['x-auth-groups', 'x_auth_groups', 'x-auth_groups']
    const claims = Object.fromEntries(names.map((name) => [name, 'admins']))
    const { headers, text } = await toldBy(browser, { ...claims, 'x-auth-token': 'of the application' })
    expect(headers).toMatchObject({ 'x-auth-user': idOf('cas'), 'x-auth-token': 'of the application' })
    expect(headers['x-auth-groups'] ?? '').toBe('')
    expect(text).not.toContain('admins')
  })

  it('refuse the next request of somebody who is disabled', async () => {
    const browser = await enter()
    expect(await look(browser)).toBe(200)
    await createLocalDirectory(hosts.deps).disable(idOf('ann'))
    expect(await look(browser)).toBe('302 /.drawbridge/sign-in')
    await createLocalDirectory(hosts.deps).enable(idOf('ann'))
    expect(await look(browser)).toBe('302 /.drawbridge/sign-in')
  })

  it('show a page to whom no rule lets in', async () => {
    const browser = await enter()
    await hosts.deps.store.write((ctx) => removeMembers(ctx, 'vpn', [idOf('ann')]))
    const refused = await browser.ask(`https://${wiki}/`)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('You are signed in as <bdi>ann@corp.example</bdi>')
    await hosts.deps.store.write((ctx) =>
      addMembers(ctx, [{ groupId: 'vpn', userId: idOf('ann'), emailKey: 'ann@corp.example' }]),
    )
    expect(await look(browser)).toBe(200)
  })

  it('sign out everywhere, by a form of their own only', async () => {
    const browser = await enter()
    await browser.open(`https://${shop}/`)
    const post = (headers: Record<string, string>) =>
      browser.ask(`https://${wiki}/.drawbridge/sign-out`, { method: 'POST', headers })
    expect((await browser.ask(`https://${wiki}/.drawbridge/sign-out`)).status).toBe(200)
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403)
    expect(await look(browser)).toBe(200)
    expect((await post({ origin: `https://${wiki}` })).status).toBe(200)
    expect([await look(browser), await look(browser, shop)]).toEqual([
      '302 /.drawbridge/sign-in',
      '302 /.drawbridge/sign-in',
    ])
  })

  it('answer forms and scripts of nobody with 401 and no redirect', async () => {
    const browser = hosts.newBrowser()
    const post = await browser.ask(`https://${wiki}/`, { method: 'POST' })
    const script = await browser.ask(`https://${wiki}/`, { headers: { accept: 'application/json' } })
    for (const one of [post, script]) expect(one).toMatchObject({ status: 401, location: undefined })
  })
})
