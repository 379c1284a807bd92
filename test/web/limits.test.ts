import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { limitNames } from '#src/limits.ts'
import { findSession } from '#src/sign-in/session.ts'
import { beginTotp, finishTotp } from '#src/sign-in/totp.ts'
import { codeOf } from '#test/helpers/second-factors.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const ann = 'ann@corp.example'

describeOnBothEngines('What a limit refuses', (open) => {
  const stage = async () => {
    const all = await startWebStage(await open(), { web: { trustedProxies: ['127.0.0.1/32'] } })
    const userId = await all.enrolled(ann, right)
    const from = (source: string) => all.visitor({ 'x-forwarded-for': source })
    /** Sends a form so often and says how often it was refused. */
    const send = async (
      times: number,
      visit: ReturnType<typeof from>['visit'],
      path: string,
      form: object,
    ) => {
      const seen: number[] = []
      for (let n = 0; n < times; n += 1)
        seen.push((await visit(path, { form: Object.fromEntries(Object.entries(form)) })).status)
      return seen.filter((status) => status === 429).length
    }
    return { ...all, userId, from, send }
  }
  const wrong = { email: ann, password: 'not this one at all' }

  it('is counted by which limit it was: wrong passwords, by address, by browser, by source', async () => {
    const { from, send, met } = await stage()
    const known = from('192.0.2.1')
    await known.visit('/sign-in', { form: { email: ann, password: right } })
    expect([...met]).toEqual([])
    expect(await send(7, from('192.0.2.2').visit, '/sign-in', wrong)).toBe(2)
    expect(await send(13, known.visit, '/sign-in', wrong)).toBe(3)
    const stranger = from('192.0.2.3')
    for (let n = 0; n < 50; n += 1)
      await stranger.visit('/sign-in', { form: { ...wrong, email: `p${n}@corp.example` } })
    expect(await send(4, stranger.visit, '/sign-in', { ...wrong, email: 'new@corp.example' })).toBe(4)
    expect([...met]).toEqual([
      ['password_by_address', 2],
      ['password_by_browser', 3],
      ['password_by_source', 4],
    ])
  })

  it('is counted for the current password and for codes', async () => {
    const { from, send, met, deps, web } = await stage()
    const here = from('192.0.2.1')
    await here.visit('/sign-in', { form: { email: ann, password: right } })
    const change = { current: 'not this one at all', password: 'a b c d e f g', again: 'a b c d e f g' }
    expect(await send(6, here.visit, '/access/password', change)).toBe(1)
    const session = await findSession(deps, here.cookies.get('__Host-drawbridge') ?? '', 'page')
    if (session === undefined) throw new Error('nobody is signed in')
    const factors = { ...deps, web }
    const { id, typed } = await beginTotp(factors, session)
    await finishTotp(factors, session, { id, code: codeOf(factors, typed.reveal()), name: 'Phone' })
    const half = from('192.0.2.1')
    await half.visit('/sign-in', { form: { email: ann, password: right } })
    expect(await send(7, half.visit, '/sign-in/step', { kind: 'totp', code: 'x' })).toBe(2)
    expect([...met]).toEqual([
      ['current_password', 1],
      ['code', 2],
    ])
  })

  it('is told with 429 and a way back also where no form shows it, as are other refusals', async () => {
    const { from } = await stage()
    const { visit } = from('192.0.2.1')
    await visit('/sign-in', { form: { email: ann, password: right } })
    const ended = await visit('/access/app', { form: { set_up: 'x', code: '123456', name: 'Phone' } })
    expect([ended.status, ended.headers['retry-after']]).toEqual([422, undefined])
    expect(ended.text).toContain('This set-up has ended. Start again.')
    expect(ended.text).toContain('<a class="button" href="/access/app">Start again</a>')
    for (const path of ['/access/app', '/access/passkey']) {
      let answer = await visit(path)
      for (let n = 0; n < 100 && answer.status === 200; n += 1) answer = await visit(path)
      expect(answer.status, path).toBe(429)
      expect(Number(answer.headers['retry-after']), path).toBeGreaterThan(0)
      expect(answer.text).toContain(`<a class="button" href="${path}">Try again</a>`)
      expect(answer.text).toContain('<a href="/access">My access</a>')
    }
  })

  it('is counted for links: by source, and by address, of which the page says nothing', async () => {
    const { from, send, met } = await stage()
    expect(await send(5, from('192.0.2.1').visit, '/forgot', { email: ann })).toBe(0)
    expect([...met]).toEqual([['link_by_address', 2]])
    const stranger = from('192.0.2.2')
    for (let n = 0; n < 20; n += 1) await stranger.visit('/forgot', { form: { email: `p${n}@corp.example` } })
    expect(await send(3, stranger.visit, '/forgot', { email: 'new@corp.example' })).toBe(3)
    expect([...met]).toEqual([
      ['link_by_address', 2],
      ['link_by_source', 3],
    ])
  })
})

it('a limit has a name that the page about running it explains', async () => {
  const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const told = [...page.matchAll(/^\| `(\w+)` +\| /gmu)].map(([, name = '']) => name)
  expect(told.filter((name) => !name.startsWith('drawbridge_'))).toEqual([...limitNames])
})
