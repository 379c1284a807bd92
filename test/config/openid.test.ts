import { expect, test } from 'vitest'
import { loadChanged, mistakesOf } from '#test/config/example.ts'

const client = 'openid.clients[0]'

test('an OpenID client has what it needs, and rules may name it', () => {
  const loaded = loadChanged({ 'access.rules[0].to[0]': 'client:grafana' })
  expect(loaded).toMatchObject({
    kind: 'ok',
    config: {
      openid: {
        clients: [
          {
            id: 'grafana',
            name: 'Grafana',
            redirectUris: ['https://grafana.example.net/login/generic_oauth'],
            postLogoutRedirectUris: [],
            scopes: ['openid', 'email', 'profile', 'groups'],
          },
        ],
      },
      access: { rules: [{ to: [{ kind: 'client', id: 'grafana' }] }, {}] },
    },
  })
  expect(JSON.stringify(loaded)).not.toContain('g'.repeat(32))
})

test('a client that keeps no secret says so', () => {
  const loaded = loadChanged({ [`${client}.secret`]: undefined, [`${client}.public`]: true })
  expect(loaded).toMatchObject({ kind: 'ok', config: { openid: { clients: [{ secret: undefined }] } } })
})

test.each([
  [
    'neither a secret nor public',
    { [`${client}.secret`]: undefined },
    'secret: Give a secret, or public: true',
  ],
  ['both', { [`${client}.public`]: true }, 'secret: A public client has no secret.'],
  ['a short secret', { [`${client}.secret`]: 'short' }, 'secret: Give at least 32 characters.'],
  ['no address', { [`${client}.redirect_uris`]: [] }, 'redirect_uris: This is empty.'],
  ['http', { [`${client}.redirect_uris[0]`]: 'http://wiki.example.net/' }, 'redirect_uris[0]: Give a whole'],
  [
    'a #',
    { [`${client}.redirect_uris[0]`]: 'https://wiki.example.net/#a' },
    'redirect_uris[0]: Give a whole',
  ],
  ['a script', { [`${client}.redirect_uris[0]`]: 'javascript:alert(1)' }, 'redirect_uris[0]: Give a whole'],
  ['no openid', { [`${client}.scopes`]: ['email'] }, 'scopes: openid is always among the scopes.'],
  ['a strange scope', { [`${client}.scopes`]: ['openid', 'root'] }, 'scopes[1]: One of openid, email'],
  ['a strange id', { [`${client}.id`]: 'a b' }, 'id: Give up to 100 letters'],
])('a client with %s is a mistake', (_, change, sentence) => {
  expect(mistakesOf(loadChanged(change)).join('\n')).toContain(`${client}.${sentence}`)
})

test('two clients with one id, a rule for an unknown one, and clients without pages are mistakes', () => {
  const other = { id: 'grafana', public: true, redirect_uris: ['https://other.example.net/'] }
  const twice = mistakesOf(loadChanged({ 'openid.clients[1]': other })).join('\n')
  expect(twice).toContain('openid.clients[1].id: Another client has the id grafana already.')
  const unknown = mistakesOf(loadChanged({ 'access.rules[0].to[0]': 'client:kibana' })).join('\n')
  expect(unknown).toContain('openid.clients has no kibana')
  const alone = mistakesOf(loadChanged({ web: undefined })).join('\n')
  expect(alone).toContain('openid.clients: OpenID clients need the sign-in page. Add the section web.')
})
