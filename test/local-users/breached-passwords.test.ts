import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { addUser } from '#src/local-users/add.ts'
import { createBreachedPasswords } from '#src/local-users/breached-passwords.ts'
import { secret } from '#src/secrets.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { sha1, startRangeApi } from '#test/helpers/range-api.ts'
import { startWebStage } from '#test/helpers/web.ts'

// Nothing that the words of our own list know.
const stolen = 'copper lantern beneath a pier'
const fresh = 'violet tractor under ice'
const ann = 'ann@corp.example'

async function stage() {
  const api = await startRangeApi([stolen])
  const log = createKeptLog()
  const breached = createBreachedPasswords({ url: api.url, log, timeoutMs: 500 })
  return { api, log, has: (password: string) => breached.has(secret(password)) }
}

describe('A password that was stolen somewhere', () => {
  it('is known, and one that was not is not', async () => {
    const { has, log } = await stage()
    expect([await has(stolen), await has(fresh)]).toEqual([true, false])
    expect(log.lines).toEqual([])
  })

  it('is asked for by five characters of its hash, padded, and nothing else of it goes out or is logged', async () => {
    const { api, log, has } = await stage()
    await has(stolen)
    api.state.status = 503
    await has(stolen)
    const [line = ''] = api.asked
    expect(line).toMatch(/^GET \/range\/[0-9A-F]{5} /)
    expect(line.toLowerCase()).toContain('"add-padding","true"')
    const said = JSON.stringify([api.asked, log.lines])
    for (const part of [stolen, 'lantern', sha1(stolen), sha1(stolen).slice(5), sha1(stolen).slice(0, 6)])
      expect(said.toUpperCase(), part).not.toContain(part.toUpperCase())
    expect(JSON.stringify(log.lines)).not.toContain(sha1(stolen).slice(0, 5))
  })

  it('is not confused with padding', async () => {
    const { api, has } = await stage()
    api.state.body = `${sha1(fresh).slice(5)}:0\r\n${sha1('other').slice(5)}:3`
    expect(await has(fresh)).toBe(false)
    api.state.body = `${sha1(fresh).slice(5)}:1`
    expect(await has(fresh)).toBe(true)
  })

  it('is taken when nobody can say: refused, overloaded, deaf, endless, another page, broken off', async () => {
    const { api, log, has } = await stage()
    const line = `${sha1(stolen).slice(5)}:17`
    for (const [status, body] of [
      [429, line],
      [503, line],
      [302, line],
      [200, `<html>${line}</html>`],
      [200, ''],
      [200, `${line}\r\n`.repeat(40_000)],
    ] as const) {
      Object.assign(api.state, { status, body })
      expect(await has(stolen), `${status}`).toBe(false)
    }
    api.state.isDeaf = true
    expect(await has(stolen)).toBe(false)
    Object.assign(api.state, { isDeaf: false, hangsUp: true })
    expect(await has(stolen)).toBe(false)
    const why = log.lines.map(({ level, facts }) => `${level} ${JSON.stringify(facts)}`)
    expect(why).toEqual([
      'warn {"why":"status 429"}',
      'warn {"why":"status 503"}',
      'warn {"why":"status 302"}',
      'warn {"why":"an answer of another form"}',
      'warn {"why":"an answer of another form"}',
      'warn {"why":"an answer without end"}',
      'warn {"why":"no answer in time"}',
      'warn {"why":"UND_ERR_SOCKET"}',
    ])
  })
})

describe('Setting a password', () => {
  async function pages(breachedPasswordsUrl?: string) {
    const store = await openStore('sqlite::memory:')
    onTestFinished(() => store.close())
    const all = await startWebStage(store, { web: { breachedPasswordsUrl } })
    await addUser(all.deps, lou, { email: ann, description: '' })
    const path = await all.mailedPath()
    const { visit } = all.visitor()
    return (password: string) => visit(path, { form: { password, again: password } })
  }

  it('by a link refuses a stolen one where the service is configured', async () => {
    const api = await startRangeApi([stolen])
    const choose = await pages(api.url)
    const { status, text } = await choose(stolen)
    expect([status, text.includes('This password was stolen somewhere')]).toEqual([422, true])
    expect((await choose(fresh)).status).toBe(303)
  })

  it('asks nobody unless it is told to, and refuses what everybody tries without asking', async () => {
    const api = await startRangeApi([stolen])
    const told = await pages(api.url)
    expect((await told('password1234')).status).toBe(422)
    expect(api.asked).toEqual([])
    api.state.isDeaf = true
    expect((await (await pages())(stolen)).status).toBe(303)
    expect(api.asked).toEqual([])
  })

  it('when signed in refuses a stolen one too', async () => {
    const api = await startRangeApi([stolen])
    const store = await openStore('sqlite::memory:')
    onTestFinished(() => store.close())
    const { enrolled, visitor } = await startWebStage(store, { web: { breachedPasswordsUrl: api.url } })
    await enrolled(ann, fresh)
    const { visit } = visitor()
    await visit('/sign-in', { form: { email: ann, password: fresh } })
    const form = { current: fresh, password: stolen, again: stolen }
    expect((await visit('/access/password', { form })).text).toContain('This password was stolen somewhere')
  })
})
