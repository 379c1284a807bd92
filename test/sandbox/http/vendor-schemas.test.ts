import { describe, expect, test } from 'vitest'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'
import { checkCalls, hasVendorSchemas } from '#test/helpers/vendor-schemas.ts'

function call(method: string, path: string, rest: Partial<RecordedCall> = {}): RecordedCall {
  const defaults = { query: '', headers: {}, requestBody: '', at: 0, status: 200, happened: 200 }
  return { ...defaults, method, path, responseBody: undefined, responseHeaders: {}, ...rest }
}

const json = { 'content-type': 'application/json' }
const patch = (body: unknown, rest: Partial<RecordedCall> = {}) =>
  call('PATCH', '/v1.0/users/u1', {
    headers: json,
    requestBody: JSON.stringify(body),
    status: 204,
    ...rest,
  })

describe.skipIf(!hasVendorSchemas)('calls held against the published documents', () => {
  test('what Graph documents is fine', async () => {
    const calls = [
      call('GET', '/v1.0/users/u1', {
        query: '$select=id',
        responseBody: { id: 'u1', accountEnabled: null },
      }),
      call('GET', "/v1.0/users('a%40b')", { responseBody: { id: 'u1' } }),
      call('GET', '/v1.0/users', {
        query: "$filter=mail%20eq%20'a'&$top=10&$count=true",
        responseBody: { value: [] },
      }),
      call('GET', '/v1.0/users/u2', { status: 404, responseBody: { error: { code: 'a', message: 'b' } } }),
      patch({ accountEnabled: false }),
    ]
    expect(await checkCalls('graph', calls)).toEqual([])
  })

  test('what Okta documents is fine', async () => {
    const calls = [call('POST', '/api/v1/users/u1/lifecycle/suspend', { responseBody: {} })]
    expect(await checkCalls('okta', calls)).toEqual([])
  })

  test.each([
    ['a path that does not exist', call('GET', '/v1.0/people/u1')],
    ['another version', call('GET', '/beta/users/u1', { responseBody: { id: 'u1' } })],
    ['a method that does not exist', call('DELETE', '/v1.0/users/u1', { status: 204 })],
    [
      'a parameter of another type',
      call('GET', '/v1.0/users', { query: '$top=x', responseBody: { value: [] } }),
    ],
    ['an unknown parameter', call('GET', '/v1.0/users', { query: '$tpo=1', responseBody: { value: [] } })],
    ['a body with another property', patch({ accountEnabled: false, displayName: 'x' })],
    ['a body of another type', patch({ accountEnabled: 'false' })],
    ['a write without body', call('PATCH', '/v1.0/users/u1', { status: 204 })],
    ['a status that is not documented', patch({ accountEnabled: false }, { status: 200 })],
    ['an answer of another shape', call('GET', '/v1.0/users', { responseBody: { value: [{ id: 7 }] } })],
    ['an answer that lacks its list', call('GET', '/v1.0/users', { responseBody: {} })],
    [
      'an error of another shape',
      patch({ accountEnabled: true }, { status: 403, responseBody: { error: 'no' } }),
    ],
  ])('%s is told', async (_, wrong) => {
    expect(await checkCalls('graph', [wrong])).not.toEqual([])
  })

  test('a call that still runs and an answer that a fault made up are left alone', async () => {
    const calls = [
      call('GET', '/v1.0/users', { status: undefined }),
      call('GET', '/v1.0/users', { status: 0 }),
      call('GET', '/v1.0/users', { responseBody: 'page', isMadeUp: true }),
    ]
    expect(await checkCalls('graph', calls)).toEqual([])
  })
})
