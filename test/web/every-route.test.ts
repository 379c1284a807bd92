import { glob, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { openStore } from '#db/store.ts'
import { startOpenIdStage } from '#test/helpers/openid.ts'
import { type Answer, ask, startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const ann = 'ann@corp.example'
const host = 'access.example'

/** What stands in templates of paths. */
const words: Readonly<Record<string, string>> = { path: '/access/password' }

/** The paths that our own pages answer, as the code says: a new one is looked at without being named here. */
async function pathsOf(method: 'get' | 'post'): Promise<readonly string[]> {
  const paths: string[] = []
  for await (const file of glob('src/web/{pages/*,openid}.ts')) {
    const code = await readFile(file, 'utf8')
    for (const [, text = '', name = ''] of code.matchAll(
      new RegExp(`app\\.${method}\\(\\s*(?:['\`]([^'\`]+)['\`]|(path)\\b)`, 'g'),
    )) {
      const path = (text === '' ? `\${${name}}` : text).replaceAll(/\$\{(\w+)\}/g, (_, word) => {
        const known = words[String(word)]
        if (known === undefined) throw new Error(`${file} has a path with ${word}: say here what it is`)
        return known
      })
      paths.push(path.replaceAll(/:\w+/g, 'x'))
    }
  }
  return paths
}

async function signedInStage() {
  const all = await startWebStage(await openStore('sqlite::memory:'))
  await all.enrolled(ann, right)
  const me = all.visitor()
  await me.visit('/sign-in', { form: { email: ann, password: right } })
  return { ...all, me }
}

function expectProtected({ headers }: Answer, path: string): void {
  expect(headers, path).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': expect.stringContaining('no-store'),
  })
  expect(headers['content-security-policy'], path).toMatch(/^default-src 'none'.*frame-ancestors 'none'/)
}

/** Cookies that no script, no other host and no form of another site gets at. */
function expectOwnCookies({ headers }: Answer, path: string): number {
  const lines = [headers['set-cookie'] ?? []].flat()
  for (const line of lines) {
    expect(line, path).toMatch(/^__(Host|Secure)-drawbridge/)
    for (const word of [/; *secure/i, /; *httponly/i, /; *samesite=lax/i]) expect(line, path).toMatch(word)
    expect(line, path).not.toMatch(/; *domain=/i)
  }
  return lines.length
}

it('every page of ours is kept by no cache and shown in no frame, signed in or not', async () => {
  const { me, visitor } = await signedInStage()
  const paths = await pathsOf('get')
  expect(paths.length).toBeGreaterThan(18)
  for (const path of paths.filter((one) => one !== '/oidc/*'))
    for (const one of [me, visitor()]) {
      const answer = await one.visit(path)
      expectProtected(answer, path)
      expectOwnCookies(answer, path)
    }
})

it('every form of ours is refused to other sites, and nothing is done', async () => {
  const { me, port } = await signedInStage()
  const paths = await pathsOf('post')
  expect(paths.length).toBeGreaterThan(14)
  const cookie = [...me.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  for (const path of paths)
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
      '',
    ])
      for (const from of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, {}]) {
        const headers = { host, cookie, ...(type !== '' && { 'content-type': type }), ...from }
        const answer = await ask(port, path, { body: 'a=b', headers })
        expect(answer.status, `${path} ${type} ${JSON.stringify(from)}`).toBe(403)
        expectProtected(answer, path)
      }
  expect((await me.visit('/access')).status).toBe(200)
})

it('everything that services and people ask of the OpenID provider is kept by no cache', async () => {
  const stage = await startOpenIdStage(await openStore('sqlite::memory:'))
  const party = await stage.party()
  const browser = await stage.browser('ann')
  const { tokens } = await party.signIn(browser)
  const authorization = `Bearer ${tokens.access_token}`
  const page = { accept: 'text/html' }
  const answers = [
    await browser.visit((await party.request()).path),
    await browser.visit('/oidc/authorize?client_id=none', { headers: page }),
    await browser.visit('/oidc/sign-out', { headers: page }),
    await browser.visit('/oidc/userinfo', { headers: { authorization } }),
    await browser.visit('/oidc/userinfo'),
    await browser.visit('/oidc/token', { form: { grant_type: 'authorization_code' } }),
    await browser.visit('/oidc/introspect', { form: { token: 'x' } }),
    await browser.visit('/oidc/nothing'),
    await (await stage.browser()).visit((await party.request()).path),
    await (await stage.browser('bob')).follow((await party.request()).path),
  ]
  expect(answers.map(({ status }) => status)).toEqual([303, 400, 200, 200, 401, 400, 400, 404, 303, 403])
  for (const [n, answer] of answers.entries()) expectProtected(answer, `answer ${n}`)
  const cookies = answers.map((answer, n) => expectOwnCookies(answer, `answer ${n}`))
  expect(cookies.filter((count) => count > 0).length).toBeGreaterThan(2)
})
