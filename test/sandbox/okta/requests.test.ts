import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Okta, startOkta } from '#src/sandbox/okta/start.ts'
import { call, type Sent } from '#test/sandbox/okta/org.ts'

// What no careful caller sends: refused, and kept as a complaint for tests that look at nothing else.
let okta: Okta
let id: string

beforeEach(async () => {
  okta = await startOkta()
  id = okta.addPerson({ login: 'ada@corp.example' }).id
})

afterEach(async () => {
  await okta.close()
})

const usual = (): string => `SSWS ${okta.apiToken.value}`

async function outcome(method: string, path: string, sent: Sent = {}) {
  const before = okta.person(id)
  const { body } = await call(okta, method, path, usual(), sent)
  return { code: Object(body).errorCode, complaints: okta.complaints, changed: okta.person(id) !== before }
}

const refusedAs = (code: string) => ({ code, complaints: [expect.stringContaining(code)], changed: false })

describe('a careless call', () => {
  it.each([
    ['of a path that does not exist', 'POST', '/lifecycle/disable', 'E0000008'],
    ['with a method that the path does not take', 'PUT', '/lifecycle/suspend', 'E0000022'],
    ['without a parameter that is required', 'POST', '/lifecycle/reset_password', 'E0000028'],
    ['with a word for a boolean', 'POST', '/lifecycle/reset_password?sendEmail=no', 'E0000001'],
    ['with a parameter that does not exist', 'DELETE', '/sessions?oAuthTokens=true', 'E0000001'],
    ['with a parameter twice', 'DELETE', '/sessions?oauthTokens=true&oauthTokens=false', 'E0000001'],
    ['with a query that is badly encoded', 'DELETE', '/sessions?oauthTokens=%zz', 'E0000003'],
  ])('%s is refused and changes nothing', async (_, method, path, code) => {
    expect(await outcome(method, `/api/v1/users/${id}${path}`)).toEqual(refusedAs(code))
  })

  it.each([
    ['asks for another medium', { headers: { accept: 'text/html' } }, 'E0000021'],
    ['sends another medium', { headers: { 'content-type': 'text/plain' }, body: 'x' }, 'E0000021'],
    [
      'sends a body where none is taken',
      { headers: { 'content-type': 'application/json' }, body: '{"reason":"x"}' },
      'E0000003',
    ],
  ])('that %s is refused and changes nothing', async (_, sent, code) => {
    const path = `/api/v1/users/${id}/lifecycle/suspend`
    expect(await outcome('POST', path, sent)).toEqual(refusedAs(code))
  })

  it('for pages that are too large or no number is refused', async () => {
    for (const limit of ['0', '201', '-1', 'ten'])
      expect((await call(okta, 'GET', `/api/v1/users?limit=${limit}`)).status, limit).toBe(400)
    expect(okta.complaints).toHaveLength(4)
  })

  it('with a path that is badly encoded is refused', async () => {
    expect((await call(okta, 'GET', '/api/v1/users/%E0%A4%A')).body).toMatchObject({ errorCode: 'E0000003' })
  })
})

describe('a careful call', () => {
  it('may say which parts of the answer it does not need', async () => {
    const sent = { headers: { 'content-type': 'application/json; okta-response="omitCredentials"' } }
    const { body } = await call(okta, 'GET', `/api/v1/users/${id}`, usual(), sent)
    expect(body).not.toHaveProperty('credentials')
    expect((await call(okta, 'GET', `/api/v1/users/${id}`)).body).toHaveProperty('credentials')
    expect(okta.complaints).toEqual([])
  })

  it('meets refusals that are no fault of its own, without a complaint', async () => {
    expect((await call(okta, 'POST', `/api/v1/users/${id}/lifecycle/unsuspend`)).status).toBe(400)
    expect((await call(okta, 'GET', '/api/v1/users/00u000000000000000zz')).status).toBe(404)
    expect((await call(okta, 'GET', `/api/v1/users/${id}`, '')).body).toMatchObject({ errorCode: 'E0000005' })
    expect((await call(okta, 'GET', `/api/v1/users/${id}`, 'SSWS made-up')).body).toMatchObject({
      errorCode: 'E0000011',
    })
    expect(okta.complaints).toEqual([])
  })
})
