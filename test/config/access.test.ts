import { expect, test } from 'vitest'
import { type Changes, loadChanged, mistakesOf } from '#test/config/example.ts'

test.each<readonly [string, Changes, string]>(
  [
    ['an address', 'https://wiki.example.net', 'access.hosts[0].host: Give a host name'],
    ['a path', 'wiki.example.net/x', 'access.hosts[0].host: Give a host name'],
    ['a pattern', '*.example.net', 'access.hosts[0].host: Give a host name'],
    ['a person', 'me@wiki.example.net', 'access.hosts[0].host: Give a host name'],
    ['the usual port', 'wiki.example.net:443', 'access.hosts[0].host: Leave :443 out'],
    ['our own host', 'access.example.com', 'access.hosts[0].host: This is the host of web.public_url'],
    ['a host twice', 'builds.example.org:8443', 'access.hosts[1].host: The host builds.example.org:8443 is'],
  ].map(([name = '', host = '', sentence = '']) => [name, { 'access.hosts[0].host': host }, sentence]),
)('a protected host that is %s is a mistake', (_, change, sentence) => {
  expect(mistakesOf(loadChanged(change)).join('\n')).toContain(sentence)
})

test.each<readonly [string, Changes, string]>([
  [
    'an unknown host',
    { 'access.rules[0].to[0]': 'host:wiki.example.com' },
    'access.hosts has no wiki.example.com',
  ],
  ['no kind', { 'access.rules[0].to[0]': 'wiki.example.net' }, 'access.rules[0].to[0]: Write host:NAME or'],
  ['nothing', { 'access.rules[0].to': [] }, 'access.rules[0].to: This is empty.'],
  ['nobody', { 'access.rules[0].who': [] }, 'access.rules[0].who: This is empty.'],
  ['a bare word', { 'access.rules[0].who[0]': 'everyone' }, 'access.rules[0].who[0]: Write everybody, user:'],
  ['no address', { 'access.rules[0].who[0]': 'user:jo' }, 'access.rules[0].who[0]: Write everybody, user:'],
])('a rule that names %s is a mistake', (_, change, sentence) => {
  expect(mistakesOf(loadChanged(change)).join('\n')).toContain(sentence)
})

test('protected hosts without sign-in pages are a mistake', () => {
  const mistakes = mistakesOf(loadChanged({ web: undefined })).join('\n')
  expect(mistakes).toContain('access.hosts: Protected hosts need the sign-in page. Add the section web.')
})

test('hosts are compared as browsers write them, and called by their name where they have one', () => {
  const loaded = loadChanged({
    'access.hosts[0].host': ' WIKI.Example.Net ',
    'access.rules[0].to[0]': 'host:Wiki.example.net',
  })
  expect(loaded).toMatchObject({
    kind: 'ok',
    config: {
      access: {
        hosts: [
          { host: 'wiki.example.net', name: 'Wiki' },
          { host: 'builds.example.org:8443', name: 'builds.example.org:8443' },
        ],
        rules: [
          { to: [{ kind: 'host', id: 'wiki.example.net' }], who: [{ kind: 'everybody' }] },
          {
            to: [{ kind: 'host', id: 'builds.example.org:8443' }],
            who: [
              { kind: 'group', name: 'Build Engineers' },
              { kind: 'user', email: 'jo@example.com' },
            ],
          },
        ],
      },
    },
  })
})
