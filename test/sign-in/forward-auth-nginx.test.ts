import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMembers, removeMembers } from '#db/queries/local-groups.ts'
import { changeUser } from '#src/local-users/change.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { proxyPackages, packageReport } from '#src/sandbox/packages.ts'
import { endSession } from '#src/sign-in/session.ts'
import { readReturnTo } from '#src/web/pages/return-to.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { type Browser, idOf, own, shop, startProtectedHosts, wiki } from '#test/helpers/protected-hosts.ts'

const { missing } = await packageReport([...proxyPackages])
const cookieOf = (host: string) => `${host} __Host-drawbridge-access`

// The test run says why when there is no nginx.
describe.skipIf(missing.length > 0)('Hosts behind nginx', () => {
  let hosts: Awaited<ReturnType<typeof startProtectedHosts>>
  beforeAll(async () => {
    hosts = await startProtectedHosts()
  })
  afterAll(async () => {
    await hosts[Symbol.asyncDispose]()
  })

  const enter = async (name = 'ann', host = wiki): Promise<{ browser: Browser; pageSession: string }> => {
    const browser = hosts.newBrowser()
    const pageSession = await hosts.signIn(browser, name)
    await browser.open(`https://${host}/`)
    return { browser, pageSession }
  }
  const look = async (browser: Browser, host = wiki) => {
    const { status, location } = await browser.ask(`https://${host}/page`)
    return status === 302 ? `302 ${new URL(location ?? '').pathname}` : status
  }

  it('send whom they do not know to sign in, and bring them back to the page with who they are', async () => {
    const browser = hosts.newBrowser()
    const stranger = await browser.open(`https://${wiki}/a/b?c=d&e=%20f`)
    const places = stranger.map(({ status, url }) => `${status} ${new URL(url).host}${new URL(url).pathname}`)
    expect(places).toEqual([
      `302 ${wiki}/a/b`,
      `302 ${wiki}/.drawbridge/sign-in`,
      `303 ${own}/forward-auth/ticket`,
      `404 ${own}/sign-in`,
    ])
    await hosts.signIn(browser, 'ann')
    const known = await browser.open(`https://${wiki}/a/b?c=d&e=%20f`)
    expect(known.map(({ status, url }) => `${status} ${new URL(url).host}${new URL(url).pathname}`)).toEqual([
      `302 ${wiki}/a/b`,
      `302 ${wiki}/.drawbridge/sign-in`,
      `302 ${own}/forward-auth/ticket`,
      `303 ${wiki}/.drawbridge/callback`,
      `200 ${wiki}/a/b`,
    ])
    expect(JSON.parse(known.at(-1)!.text)).toMatchObject({
      path: '/a/b?c=d&e=%20f',
      headers: {
        'x-auth-user': idOf('ann'),
        'x-auth-email': 'ann@corp.example',
        'x-auth-groups': 'B%C3%BCro%2C 1. OG,vpn',
      },
    })
    const [cookie] = known[3]!.setCookie
    expect(cookie).toMatch(/^__Host-drawbridge-access=[\w-]{22}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  })

  it('let in whom somebody claims to be by headers of their own under no other name', async () => {
    const { browser } = await enter()
    const claims = {
      'x-auth-user': 'root',
      'x-auth-groups': 'admins',
      'x-original-url': `https://${shop}/`,
      'x-forwarded-host': shop,
      'x-forwarded-uri': '/',
      'x-forwarded-method': 'GET',
    }
    const { text } = await browser.ask(`https://${wiki}/`, { headers: claims })
    expect(JSON.parse(text)).toMatchObject({ headers: { 'x-auth-user': idOf('ann') } })
    expect(text).not.toContain('admins')
    // The session of one host, claimed for another one's application.
    const other = hosts.newBrowser()
    other.cookies.set(cookieOf(shop), browser.cookies.get(cookieOf(wiki))!)
    expect(
      (await other.ask(`https://${shop}/`, { headers: { 'x-original-url': `https://${wiki}/` } })).status,
    ).toBe(302)
  })

  it('let nobody who is in no group name one', async () => {
    const { browser } = await enter('cas')
    const claims = { 'x-auth-groups': 'admins', x_auth_groups: 'admins', 'x-auth_groups': 'admins' }
    const { text } = await browser.ask(`https://${wiki}/`, { headers: claims })
    expect(JSON.parse(text)).toMatchObject({ headers: { 'x-auth-user': idOf('cas') } })
    expect(text).not.toContain('admins')
  })

  it('count a cookie on its own host only', async () => {
    const { browser } = await enter()
    const token = browser.cookies.get(cookieOf(wiki))!
    browser.cookies.set(cookieOf(shop), token)
    expect(await look(browser)).toBe(200)
    expect(await look(browser, shop)).toBe('302 /.drawbridge/sign-in')
    browser.cookies.set(cookieOf(wiki), browser.cookies.get(`${own} __Host-drawbridge`)!)
    expect(await look(browser)).toBe('302 /.drawbridge/sign-in')
  })

  it('take a ticket once, on its host, in the browser that asked, for a minute', async () => {
    const browser = hosts.newBrowser()
    await hosts.signIn(browser, 'ann')
    const ticketFor = async (host: string) => {
      const began = await browser.ask(`https://${host}/.drawbridge/sign-in?to=https://${host}/x`)
      return (await browser.ask(began.location!)).location!
    }
    const first = await ticketFor(wiki)
    expect(await browser.ask(first)).toMatchObject({ status: 303, location: `https://${wiki}/x` })
    expect((await browser.ask(first)).status).toBe(403)
    expect((await browser.ask((await ticketFor(wiki)).replace(wiki, shop))).status).toBe(403)
    const stranger = hosts.newBrowser()
    const theirs = await ticketFor(wiki)
    expect(await stranger.ask(theirs)).toMatchObject({ status: 403, setCookie: [] })
    await stranger.ask(`https://${wiki}/.drawbridge/sign-in`)
    expect(await stranger.ask(theirs)).toMatchObject({ status: 403, setCookie: [] })
    const late = await ticketFor(wiki)
    hosts.deps.clock.move(60_000)
    const refused = await browser.ask(late)
    expect(refused).toMatchObject({ status: 403, setCookie: [] })
    expect(refused.text).toContain('took too long')
  })

  it.each([
    ['disabled', () => changeUser(hosts.deps, lou, 'disable', idOf('ann'))],
    ['signed out by a task', () => createLocalDirectory(hosts.deps).endSessions(idOf('ann'))],
  ])('refuse the next request of somebody who is %s', async (_, change) => {
    const { browser } = await enter()
    const { browser: atShop } = await enter('ann', shop)
    expect([await look(browser), await look(atShop, shop)]).toEqual([200, 200])
    await change()
    expect([await look(browser), await look(atShop, shop)]).toEqual([
      '302 /.drawbridge/sign-in',
      '302 /.drawbridge/sign-in',
    ])
    await createLocalDirectory(hosts.deps).enable(idOf('ann'))
    expect(await look(browser)).toBe('302 /.drawbridge/sign-in')
  })

  it('know whoever signed out on one of them, or on the page, nowhere any more', async () => {
    const { browser, pageSession } = await enter()
    await browser.open(`https://${shop}/`)
    const asked = await browser.ask(`https://${wiki}/.drawbridge/sign-out`)
    expect(asked).toMatchObject({ status: 200 })
    const post = (headers: Record<string, string>) =>
      browser.ask(`https://${wiki}/.drawbridge/sign-out`, { method: 'POST', headers })
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await post({})).status).toBe(403)
    expect(await look(browser)).toBe(200)
    expect((await post({ origin: `https://${wiki}` })).status).toBe(200)
    expect([await look(browser), await look(browser, shop)]).toEqual([
      '302 /.drawbridge/sign-in',
      '302 /.drawbridge/sign-in',
    ])
    expect(pageSession).toMatch(/^[\w-]{43}$/)
    const again = await enter()
    await endSession(hosts.deps, again.pageSession)
    expect(await look(again.browser)).toBe('302 /.drawbridge/sign-in')
  })

  it('show a page to whom no rule lets in, and give them no ticket', async () => {
    const browser = hosts.newBrowser()
    await hosts.signIn(browser, 'bob')
    const seen = await browser.open(`https://${wiki}/`)
    expect(seen.at(-1)).toMatchObject({ status: 403 })
    expect(seen.at(-1)!.text).toContain('No rule lets you reach <bdi>Wiki</bdi>')
    expect(browser.cookies.has(cookieOf(wiki))).toBe(false)
    // Somebody whose rule went while they were there.
    const { browser: ann } = await enter()
    await hosts.deps.store.write((ctx) => removeMembers(ctx, 'vpn', [idOf('ann')]))
    const refused = await ann.ask(`https://${wiki}/`)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('You are signed in as <bdi>ann@corp.example</bdi>')
    await hosts.deps.store.write((ctx) =>
      addMembers(ctx, [{ groupId: 'vpn', userId: idOf('ann'), emailKey: 'ann@corp.example' }]),
    )
    expect(await look(ann)).toBe(200)
  })

  it('answer forms and scripts of nobody with 401 and no redirect', async () => {
    const browser = hosts.newBrowser()
    const post = await browser.ask(`https://${wiki}/`, { method: 'POST' })
    const script = await browser.ask(`https://${wiki}/`, { headers: { accept: 'application/json' } })
    const cors = await browser.ask(`https://${wiki}/`, { headers: { 'sec-fetch-mode': 'cors' } })
    for (const one of [post, script, cors]) expect(one).toMatchObject({ status: 401, location: undefined })
  })

  it.each([
    'https://evil.example/',
    '//evil.example/',
    'https://wiki.example.net:8443@evil.example/',
    'https://wiki.example.net:8443.evil.example/',
    'https:/\\evil.example/',
    'javascript:alert(1)',
    `https://${shop}/`,
  ])('lead nobody elsewhere: %s', async (target) => {
    const browser = hosts.newBrowser()
    await hosts.signIn(browser, 'ann')
    const seen = await browser.open(`https://${wiki}/.drawbridge/sign-in?to=${encodeURIComponent(target)}`)
    expect(seen.at(-1)).toMatchObject({ status: 200, url: `https://${wiki}/` })
    const query = new URLSearchParams({ to: target, browser: 'x'.repeat(43) })
    const direct = await browser.ask(`https://${own}/forward-auth/ticket?${query.toString()}`)
    const leads = direct.location === undefined ? direct.status : new URL(direct.location).host
    expect(leads).toBe(target.includes(`//${shop}/`) ? shop : 400)
  })

  it('answer nobody but our own proxies, whatever the headers say', async () => {
    const { browser } = await enter()
    const cookie = `__Host-drawbridge-access=${browser.cookies.get(cookieOf(wiki))}`
    const headers = {
      cookie,
      accept: 'text/html',
      'x-original-url': `https://${wiki}/`,
      'x-forwarded-host': wiki,
    }
    const ask = async (localAddress: string, path: string) => {
      const agent = new Agent({ localAddress })
      const {
        statusCode,
        headers: answered,
        body,
      } = await request(`http://127.0.0.1:${hosts.webPort}${path}`, {
        dispatcher: agent,
        headers: { ...headers, 'x-forwarded-for': '127.0.0.1' },
      })
      await body.dump()
      await agent.close()
      return { status: statusCode, user: answered['x-auth-user'] }
    }
    expect(await ask('127.0.0.1', '/forward-auth')).toEqual({ status: 204, user: idOf('ann') })
    expect(await ask('127.0.0.9', '/forward-auth')).toEqual({ status: 403, user: undefined })
    expect(await ask('127.0.0.9', '/.drawbridge/sign-in')).toEqual({ status: 403, user: undefined })
    expect(await ask('127.0.0.1', '/.drawbridge/sign-in')).toEqual({ status: 302, user: undefined })
  })

  it('serve only what is configured', async () => {
    const agent = new Agent()
    const { statusCode, body } = await request(`http://127.0.0.1:${hosts.webPort}/forward-auth`, {
      dispatcher: agent,
      headers: { 'x-forwarded-host': 'old.example.net', 'x-forwarded-uri': '/' },
    })
    expect(statusCode).toBe(403)
    expect(await body.text()).toContain('Not served here')
    await agent.close()
  })

  it('sign two tabs of one browser in at the same time', async () => {
    const browser = hosts.newBrowser()
    await hosts.signIn(browser, 'ann')
    const began = [
      await browser.ask(`https://${wiki}/.drawbridge/sign-in?to=https://${wiki}/1`),
      await browser.ask(`https://${wiki}/.drawbridge/sign-in?to=https://${wiki}/2`),
    ]
    const tickets = await Promise.all(began.map(({ location }) => browser.ask(location!)))
    const arrived = [await browser.ask(tickets[0]!.location!), await browser.ask(tickets[1]!.location!)]
    expect(arrived.map(({ location }) => location)).toEqual([`https://${wiki}/1`, `https://${wiki}/2`])
  })

  it('keep the way back while somebody signs in', async () => {
    const browser = hosts.newBrowser()
    const to = encodeURIComponent(`https://${wiki}/x?y=%26`)
    const began = await browser.ask(`https://${wiki}/.drawbridge/sign-in?to=${to}`)
    const { location = '' } = await browser.ask(began.location!)
    const back = new URL(location, `https://${own}`).searchParams.get('return_to')!
    expect(readReturnTo(back)).toBe(back)
    await hosts.signIn(browser, 'ann')
    const seen = await browser.open(`https://${own}${back}`)
    expect(seen.at(-1)).toMatchObject({ status: 200, url: `https://${wiki}/x?y=%26` })
  })

  it('give up the way back rather than the sign-in when it is too long', async () => {
    const browser = hosts.newBrowser()
    const long = `https://${wiki}/${'%C3%A4'.repeat(190)}`
    for (const [address, path] of [
      [long, new URL(long).pathname],
      [long + long, '/'],
    ] as const) {
      const seen = await browser.open(address)
      const last = new URL(seen.at(-1)!.url)
      const back = last.searchParams.get('return_to')!
      expect(readReturnTo(back)).toBe(back)
      expect(new URL(new URL(back, last).searchParams.get('to')!).pathname).toBe(path)
    }
  })
})
