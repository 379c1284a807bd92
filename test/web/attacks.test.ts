import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { addUser } from '#src/local-users/add.ts'
import { changeLocalSettings } from '#src/local-users/settings.ts'
import { findSession, startSession } from '#src/sign-in/session.ts'
import { clientOf, createTrustedProxies } from '#src/web/client.ts'
import { readReturnTo } from '#src/web/pages/return-to.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { ask, createVisitor, startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const other = 'seven green umbrellas sing'
const ann = 'ann@corp.example'
const host = 'access.example'
const origin = 'https://access.example'
const stage = async (options: Parameters<typeof startWebStage>[1] = {}) => {
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  return await startWebStage(store, options)
}
const page = '__Host-drawbridge'
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\`\${7*7}{{7*7}}`
const location = (answer: { headers: Readonly<Record<string, unknown>> }) => answer.headers['location']

describe('A link', () => {
  it('shows for whom and until when it is, as often as scanners open it, and counts once', async () => {
    const { deps, mailedPath, visitor } = await stage()
    await addUser(deps, lou, { email: ann, description: '' })
    const path = await mailedPath()
    for (let n = 0; n < 3; n += 1) {
      const { status, text } = await visitor().visit(path)
      expect(status).toBe(200)
      expect(text).toContain(ann)
      expect(text).toContain('3 March 2026 at 12:00 UTC')
    }
    expect((await visitor().visit(path, { method: 'HEAD' })).status).toBe(200)
    const form = { password: right, again: right }
    expect(location(await visitor().visit(path, { form }))).toBe('/enrolled')
    for (const again of [await visitor().visit(path, { form }), await visitor().visit(path)]) {
      expect(again.status).toBe(410)
      expect(again.text).toContain('This link has ended')
      expect(again.text).not.toContain(ann)
    }
  })

  it('that ended, was replaced, is somebody else’s or was never made looks the same', async () => {
    const { deps, mailedPath, visitor } = await stage()
    await addUser(deps, lou, { email: ann, description: '' })
    const path = await mailedPath()
    await addUser(deps, lou, { email: 'bob@corp.example', description: '' })
    const other2 = await mailedPath()
    const [mine = ''] = path.slice('/enroll/'.length).split('.')
    const [, theirs = ''] = other2.slice('/enroll/'.length).split('.')
    deps.clock.move(24 * 60 * 60_000)
    const paths = [
      path,
      `/enroll/${mine}.${theirs}`,
      `/enroll/${mine}`,
      '/enroll/x',
      '/enroll/%00',
      '/enroll/%ff',
      `/enroll/${'x'.repeat(5_000)}`,
    ]
    const seen = new Set<string>()
    for (const one of paths) {
      const answer = await visitor().visit(one)
      expect(answer.status, one).toBe(410)
      seen.add(answer.text)
      for (const again of [right, other]) {
        const sent = await visitor().visit(one, { form: { password: right, again } })
        expect(sent.status, one).toBe(410)
        expect(sent.text, one).toContain('Send me a link')
      }
    }
    expect(seen.size).toBe(1)
  })

  it('of somebody else does nothing to me, and my cookies nothing to it', async () => {
    const { deps, enrolled, mailedPath, visitor } = await stage()
    await enrolled(ann, right)
    const bob = await addUser(deps, lou, { email: 'bob@corp.example', description: '' })
    const path = await mailedPath()
    const mine = visitor()
    await mine.visit('/sign-in', { form: { email: ann, password: right } })
    expect((await mine.visit(path)).text).toContain('bob@corp.example')
    await mine.visit(path, { form: { password: other, again: other, email: ann, user: bob.id } })
    expect((await visitor().visit('/sign-in', { form: { email: ann, password: right } })).status).toBe(303)
    expect((await visitor().visit('/sign-in', { form: { email: ann, password: other } })).status).toBe(422)
  })

  it('is made of the public address, whatever the request says its host is', async () => {
    const { enrolled, visitor, runner, smtp, port } = await stage()
    await enrolled(ann, right)
    const poison = { host: 'evil.example', origin: 'https://evil.example' }
    const refused = await ask(port, '/forgot', { form: { email: ann }, headers: poison })
    expect(refused.status).toBe(421)
    const forwarded = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
    expect((await visitor(forwarded).visit('/forgot', { form: { email: ann } })).status).toBe(303)
    await runner.runAllDue()
    expect(smtp.arrived).toHaveLength(2)
    expect(JSON.stringify(smtp.arrived.map(({ mail }) => [mail.text, mail.html]))).not.toContain(
      'evil.example',
    )
    for (const bad of [
      '',
      'evil.example',
      `${host}.evil.example`,
      `evil.example:443@${host}`,
      `${host}:8443`,
      '127.0.0.1',
      `${host}/x`,
    ])
      expect((await ask(port, '/sign-in', { headers: { host: bad } })).status, bad).toBeGreaterThanOrEqual(
        400,
      )
    for (const good of [host, 'ACCESS.example', `${host}:443`])
      expect((await ask(port, '/sign-in', { headers: { host: good } })).status, good).toBe(200)
  })
})

describe('Signing in', () => {
  it('gives a session that nobody could know before, in a cookie of this host alone', async () => {
    const { deps, enrolled, visitor } = await stage()
    await enrolled(ann, right)
    const { visit, cookies } = visitor()
    for (const planted of ['A'.repeat(22), 'x', '"', 'A'.repeat(5_000)]) {
      cookies.set(page, planted)
      expect(location(await visit('/access'))).toBe('/sign-in?return_to=%2Faccess')
      const answer = await visit('/sign-in', { form: { email: ann, password: right } })
      expect(cookies.get(page)).not.toBe(planted)
      const line = [answer.headers['set-cookie'] ?? []].flat().find((one) => one.startsWith(`${page}=`))
      expect(line?.replace(/=[^;]*/, '')).toBe(`${page}; Path=/; HttpOnly; Secure; SameSite=Lax`)
      expect(await findSession(deps, planted, 'page')).toBeUndefined()
    }
    const first = cookies.get(page) ?? ''
    await visit('/sign-in', { form: { email: ann, password: right } })
    expect(await findSession(deps, first, 'page')).toBeUndefined()
    expect((await visit('/access')).text).toContain(ann)
  })

  it('goes back to a path of ours and nowhere else', async () => {
    const { enrolled, visitor } = await stage()
    await enrolled(ann, right)
    const bad = [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '\\\\evil.example',
      'javascript:alert(1)',
      '/%0d%0aSet-Cookie:x=y\r\n',
      '/..//evil.example',
      '/.//evil.example',
      'access',
      '',
    ]
    for (const text of bad) {
      expect(readReturnTo(text), text).toBeUndefined()
      const answer = await visitor().visit('/sign-in', {
        form: { email: ann, password: right, return_to: text },
      })
      expect(location(answer), text).toBe('/access')
      const already = await visitor().visit(`/sign-in?return_to=${encodeURIComponent(text)}`)
      expect(already.text).not.toContain('evil.example')
    }
    expect(readReturnTo('/a/b?c=%2F%2Fx&d=e')).toBe('/a/b?c=%2F%2Fx&d=e')
    expect(readReturnTo(`/${'x'.repeat(5_000)}`)).toBeUndefined()
    const form = { email: ann, password: right, return_to: '/oidc/auth/x?y="z' }
    const on = await visitor().visit('/sign-in', { form })
    expect([on.status, location(on)]).toEqual([200, undefined])
    expect(on.text).toContain('<meta http-equiv="refresh" content="0; url=/oidc/auth/x?y=%22z" />')
  })

  it('does not tell known addresses from others, by status, words or headers', async () => {
    const { deps, enrolled, visitor } = await stage()
    await enrolled(ann, right)
    await addUser(deps, lou, { email: 'new@corp.example', description: '' })
    const shape = async (path: string, email: string) => {
      const { status, headers, text } = await visitor().visit(path, { form: { email, password: 'x' } })
      const { date: _date, ...rest } = headers
      return JSON.stringify([status, rest, text.replaceAll(email, 'EMAIL')])
    }
    for (const path of ['/sign-in', '/forgot']) {
      const seen = new Set<string>()
      for (const email of [ann, 'new@corp.example', 'bob@corp.example']) seen.add(await shape(path, email))
      expect([...seen], path).toHaveLength(1)
    }
  })

  it('answers people who have to wait with 429, the same on every replica', async () => {
    const { start, visitor, web } = await stage()
    await using second = await start()
    const there = createVisitor(second.port, web.publicUrl)
    const form = { email: ann, password: 'x' }
    const seen: number[] = []
    for (let n = 0; n < 8; n += 1)
      seen.push((await (n % 2 === 0 ? visitor() : there).visit('/sign-in', { form })).status)
    expect(seen).toEqual([422, 422, 422, 422, 422, 429, 429, 429])
  })
})

describe('Forms', () => {
  it('of other sites are refused, also without a word on where they come from', async () => {
    const { enrolled, visitor, port } = await stage()
    await enrolled(ann, right)
    const { visit, cookies } = visitor()
    await visit('/sign-in', { form: { email: ann, password: right } })
    const cookie = `${page}=${cookies.get(page)}`
    const paths = ['/sign-in', '/sign-out', '/forgot', '/access/sessions/end', '/enroll/x']
    const origins: Readonly<Record<string, string>>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${origin}.evil.example` },
      { origin: 'http://access.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ]
    for (const path of paths)
      for (const from of origins) {
        const headers = { host, cookie, ...from }
        const answer = await ask(port, path, { form: { email: ann, password: right, id: '' }, headers })
        expect(answer.status, `${path} ${JSON.stringify(from)}`).toBe(403)
        const plain = { ...headers, 'content-type': 'text/plain' }
        expect((await ask(port, path, { body: 'email=x', headers: plain })).status).toBe(403)
      }
    expect((await visit('/access')).status).toBe(200)
    expect((await visit('/sign-out')).status).toBe(404)
    expect(location(await visit('/signed-out'))).toBe('/access')
    expect(location(await visit('/sign-out', { form: {} }))).toBe('/signed-out')
    expect((await visit('/signed-out')).text).toContain('You are signed out')
    expect((await visit('/access')).status).toBe(303)
  })

  it('that are too large, broken or of an unknown kind end politely and stay out of the log', async () => {
    const { visitor, log } = await stage()
    const big = await visitor().visit('/sign-in', { form: { email: 'x'.repeat(20_000), password: 'x' } })
    expect([big.status, big.text.includes('Too long')]).toEqual([413, true])
    const json = { 'content-type': 'application/json', origin }
    expect((await visitor().visit('/sign-in', { body: '{"email":', headers: json })).status).toBe(422)
    expect((await visitor().visit('/sign-in', { form: { 'email[]': 'x', __proto__: 'x' } })).status).toBe(422)
    const none = await visitor().visit(`/nothing/${hostile.replaceAll(/[^\w<>]/g, '')}`)
    expect(none.status).toBe(404)
    expect(none.text).not.toContain('<script')
    expect(log.lines.filter((line) => /"level":"?(error|50)/.test(JSON.stringify(line)))).toEqual([])
  })

  it('show what was typed as text, wherever it comes back', async () => {
    const { deps, enrolled, visitor, mailedPath } = await stage()
    await changeLocalSettings(deps, lou, { brandingText: `${hostile}\r\nSet-Cookie: a=b` })
    await addUser(deps, lou, {
      email: "o'brien&{x}@corp.example",
      description: hostile,
    })
    const link = await mailedPath()
    await enrolled(ann, right)
    const seen = [
      await visitor().visit('/sign-in'),
      await visitor().visit('/sign-in', { form: { email: hostile, password: hostile, return_to: hostile } }),
      await visitor().visit('/forgot', { form: { email: hostile } }),
      await visitor().visit(`/sign-in?return_to=${encodeURIComponent(hostile)}`),
      await visitor().visit(`/sign-in?return_to=${encodeURIComponent(`/x?${hostile}`)}`),
      await visitor().visit(link),
      await visitor().visit(link, { form: { password: hostile, again: 'x' } }),
    ]
    const { visit } = visitor({ 'user-agent': hostile })
    await visit('/sign-in', { form: { email: ann, password: right } })
    seen.push(await visit('/access'))
    for (const { text, headers } of seen) {
      expect(text).not.toMatch(/<script>|<img|onerror=alert\(2\)>/)
      expect(headers['set-cookie'] ?? []).not.toContain('a=b')
      expect(String(headers['set-cookie'] ?? '')).not.toContain('a=b')
    }
    expect(seen[0]?.text).toContain('&lt;script&gt;alert(1)')
  })
})

describe('Every answer', () => {
  it('carries headers that keep other sites and caches out', async () => {
    const { visitor, port } = await stage()
    const { text } = await visitor().visit('/sign-in')
    const sheet = /href="(\/assets\/[^"]+\.css)"/.exec(text)?.[1] ?? ''
    const answers = [
      await visitor().visit('/sign-in'),
      await visitor().visit('/nothing'),
      await visitor().visit(sheet),
      await ask(port, '/sign-in', { headers: { host: 'evil.example' } }),
      await ask(port, '/sign-in', { form: {}, headers: { host } }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 421, 403])
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'strict-transport-security': 'max-age=31536000',
        'cross-origin-opener-policy': 'same-origin',
      })
      const policy = String(headers['content-security-policy'])
      for (const part of [
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ])
        expect(policy).toContain(part)
      expect(policy).not.toContain('unsafe')
    }
    expect(answers.map(({ headers }) => headers['cache-control'])).toEqual([
      'no-store',
      'no-store',
      'public, max-age=31536000, immutable',
      'no-store',
      'no-store',
    ])
    expect(answers[0]?.text).not.toMatch(/ style=| on\w+=/)
  })

  it('that fails tells a reference and nothing else; the log has it without the link', async () => {
    const store = await openStore('sqlite::memory:')
    const { visitor, log } = await startWebStage(store)
    await store.close()
    const { status, text } = await visitor().visit('/enroll/very.secret')
    expect(status).toBe(500)
    const reference = /reference ([0-9A-Z]{4})/.exec(text)?.[1]
    expect(reference).toBeDefined()
    const written = JSON.stringify(log.lines)
    expect(written).toContain(reference)
    expect(written).not.toContain('very.secret')
    expect(text).not.toMatch(/database|sqlite|\.ts/i)
  })
})

describe('Whence a request comes', () => {
  const proxies = createTrustedProxies(['10.0.0.0/8', '2001:db8::1'])
  const from = (peer: string, headers: Readonly<Record<string, string>>) =>
    clientOf({ peer, header: (name) => headers[name] }, proxies)
  it.each([
    ['192.0.2.1', '', '192.0.2.1'],
    ['192.0.2.1', '198.51.100.9', '192.0.2.1'],
    ['::ffff:192.0.2.1', '', '192.0.2.1'],
    ['10.0.0.1', '198.51.100.9', '198.51.100.9'],
    ['10.0.0.1', 'evil, 203.0.113.7, 198.51.100.9', '198.51.100.9'],
    ['10.0.0.1', '203.0.113.7, 198.51.100.9, 10.0.0.2', '198.51.100.9'],
    ['10.0.0.1', '203.0.113.7, not an address', '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['2001:db8::1', '2001:db8::9', '2001:db8::9'],
    ['10.0.0.1', '203.0.113.7, 198.51.100.9:49152', '198.51.100.9'],
    ['10.0.0.1', '198.51.100.9, [2001:db8::9]:49152', '2001:db8::9'],
    ['10.0.0.1', '198.51.100.9:x', '10.0.0.1'],
  ])('%s saying %j is %s', (peer, said, expected) => {
    expect(from(peer, { host, 'x-forwarded-for': said }).address).toBe(expected)
  })
  it('believes a host only of a proxy', () => {
    const headers = { host, 'x-forwarded-host': 'wiki.example' }
    expect(from('192.0.2.1', headers).host).toBe(host)
    expect(from('10.0.0.1', headers).host).toBe('wiki.example')
  })
})

describeOnBothEngines('My access', (open) => {
  it('lists where I am signed in, ends one or all others, and nobody else’s', async () => {
    const { deps, enrolled, visitor } = await startWebStage(await open())
    const userId = await enrolled(ann, right)
    await enrolled('bob@corp.example', right)
    const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
    const [here, there, bob] = [visitor(), visitor({ 'user-agent': firefox }), visitor()]
    for (const one of [here, there]) await one.visit('/sign-in', { form: { email: ann, password: right } })
    await bob.visit('/sign-in', { form: { email: 'bob@corp.example', password: right } })
    const wiki = { userId, kind: 'forward:wiki.example', factors: [], label: 'wiki.example' }
    const { sessionId } = await deps.store.write((ctx) => startSession(ctx, deps, wiki))
    const { text } = await here.visit('/access')
    expect(text).toMatch(/wiki\.example<\/bdi><\/strong> ·\s+Protected site/)
    expect(text).toContain('Firefox on Linux')
    expect(text).toContain('this browser')
    const all = [...text.matchAll(/name="id" value="([\w-]{43})"/g)].map(([, one = '']) => one)
    expect(all).toContain(sessionId)
    const id = all.find((one) => one !== sessionId) ?? ''
    expect(location(await bob.visit('/access/sessions/end', { form: { id } }))).toBe('/access')
    expect((await there.visit('/access')).status).toBe(200)
    await here.visit('/access/sessions/end', { form: { id } })
    expect((await there.visit('/access')).status).toBe(303)
    await there.visit('/sign-in', { form: { email: ann, password: right } })
    await here.visit('/access/sessions/end', { form: { id: '' } })
    expect([(await here.visit('/access')).status, (await there.visit('/access')).status]).toEqual([200, 303])
    expect((await bob.visit('/access')).status).toBe(200)
    deps.clock.move(12 * 60 * 60_000)
    expect((await here.visit('/access')).status).toBe(303)
  })
})
