import { describe, expect, it } from 'vitest'
import { OktaSettings } from '#src/config/okta.ts'

const least = { id: 'okta', kind: 'okta', url: 'https://corp.okta.com/' }
const key = { client_id: '0oa1', private_key_file: 'key.pem' }

describe('the settings of an Okta org', () => {
  it('are read with a key, and with an API token', () => {
    expect(OktaSettings.parse({ ...least, ...key, key_id: 'k1' })).toMatchObject({
      url: 'https://corp.okta.com',
      clientId: '0oa1',
      privateKeyFile: 'key.pem',
      keyId: 'k1',
      apiToken: undefined,
      unsuspendable: 'report',
    })
    const { apiToken, unsuspendable } = OktaSettings.parse({
      ...least,
      api_token: 't0ken',
      unsuspendable: 'deactivate',
    })
    expect(apiToken?.reveal()).toBe('t0ken')
    expect(unsuspendable).toBe('deactivate')
  })

  it.each([
    ['no proof', {}, 'client_id'],
    ['two proofs', { ...key, api_token: 't' }, 'private_key_file'],
    ['half a proof', { client_id: '0oa1' }, 'private_key_file'],
    ['the other half', { private_key_file: 'key.pem' }, 'client_id'],
    ['the name of no key', { api_token: 't', key_id: 'k1' }, 'key_id'],
    ['an address in clear text', { ...key, url: 'http://corp.okta.com' }, 'url'],
    ['another wish', { ...key, unsuspendable: 'delete' }, 'unsuspendable'],
    ['an unknown key', { ...key, urls: 'x' }, ''],
  ])('with %s are a mistake at its place', (_, keys, place) => {
    const { error } = OktaSettings.safeParse({ ...least, ...keys })
    expect(error?.issues.map(({ path }) => path.join('.'))).toContain(place)
  })
})
