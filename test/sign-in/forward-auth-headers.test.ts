import { expect, it } from 'vitest'
import { headerList, headerValue, readForwarded } from '#src/web/forwarded.ts'

const read = (headers: Readonly<Record<string, string>>) => readForwarded((name) => headers[name])

/**
 * What each proxy sends of itself: nginx by our own configuration; Traefik by "Forward-Request Headers" of its ForwardAuth
 * page; Caddy by the expanded form of `forward_auth`, which sets Method and Uri, and the defaults of `reverse_proxy`.
 */
const nginx = {
  'x-original-url': 'https://wiki.example.net/a?b=c',
  'x-forwarded-method': 'GET',
  accept: 'text/html,*/*;q=0.8',
}
const traefik = {
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'wiki.example.net',
  'x-forwarded-uri': '/a?b=c',
  'x-forwarded-for': '198.51.100.7',
  'x-forwarded-port': '443',
  'x-forwarded-server': 'traefik-1',
  accept: 'text/html,*/*;q=0.8',
}
const caddy = {
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'wiki.example.net',
  'x-forwarded-uri': '/a?b=c',
  'x-forwarded-for': '198.51.100.7',
  accept: 'text/html,*/*;q=0.8',
}
const same = { host: 'wiki.example.net', address: 'https://wiki.example.net/a?b=c', isPageView: true }

it.each([
  ['nginx', nginx, { ...same, wants401: true }],
  ['Traefik', traefik, { ...same, wants401: false }],
  ['Caddy', caddy, { ...same, wants401: false }],
  ['a port', { 'x-forwarded-host': 'Shop.example.org:8443' }, { host: 'shop.example.org:8443' }],
  ['the usual port', { 'x-forwarded-host': 'wiki.example.net:443' }, { host: 'wiki.example.net' }],
  ['plain http', { ...nginx, 'x-original-url': 'http://wiki.example.net/a?b=c' }, same],
  ['no path', { 'x-forwarded-host': 'wiki.example.net' }, { address: 'https://wiki.example.net/' }],
  [
    'a path of a proxy request',
    { ...caddy, 'x-forwarded-uri': 'https://x/' },
    { address: 'https://wiki.example.net/' },
  ],
  ['both, about the same host', { ...traefik, ...nginx }, { ...same, wants401: true }],
])('reads the request that %s sends', (_, headers, expected) => {
  expect(read(headers)).toMatchObject(expected)
})

it.each<readonly [string, Readonly<Record<string, string>>]>([
  ['nothing', {}],
  ['only what browsers send', { accept: 'text/html', host: 'wiki.example.net' }],
  ['two hosts that differ', { ...traefik, 'x-original-url': 'https://shop.example.org/' }],
  ['two hosts of which one is none', { ...traefik, 'x-original-url': '/a' }],
  ['a host twice', { ...traefik, 'x-forwarded-host': 'wiki.example.net, shop.example.org' }],
  ['a host with a name before it', { ...traefik, 'x-forwarded-host': 'shop.example.org@wiki.example.net' }],
  ['a host with a path', { 'x-original-url': 'https://wiki.example.net\\@shop.example.org/' }],
  ['another scheme', { 'x-original-url': 'javascript://wiki.example.net/' }],
  ['an empty host', { ...traefik, 'x-forwarded-host': '' }],
  ['a port that is none', { ...traefik, 'x-forwarded-host': 'wiki.example.net:99999' }],
])('reads nothing where there is %s', (_, headers) => {
  expect(read(headers)).toBeUndefined()
})

it.each([
  ['a page', {}, true],
  ['a form', { 'x-forwarded-method': 'POST' }, false],
  ['a script by its accept', { accept: 'application/json' }, false],
  ['a script by its mode', { 'sec-fetch-mode': 'cors' }, false],
  ['a page by its mode', { 'sec-fetch-mode': 'navigate', accept: '*/*' }, true],
])('knows %s', (_, headers, isPageView) => {
  expect(read({ ...caddy, ...headers })).toMatchObject({ isPageView })
})

it.each([
  ['ann@corp.example', 'ann@corp.example'],
  ['Zoë@corp.example', 'Zo%C3%AB@corp.example'],
  ['100%@corp.example', '100%25@corp.example'],
  ["o'neil+x@corp.example", "o'neil+x@corp.example"],
  ['Build Engineers', 'Build Engineers'],
  ['a,b', 'a%2Cb'],
  ['a\r\nX-Auth-User: root', 'a%0D%0AX-Auth-User: root'],
  ['\u0000\u007f', '%00%7F'],
  ['\ud800', '%EF%BF%BD'],
  ['人事', '%E4%BA%BA%E4%BA%8B'],
])('writes %o so that it is safe in a header', (text, expected) => {
  expect(headerValue(text)).toBe(expected)
  expect(() => new Headers({ 'x-auth-email': headerValue(text) })).not.toThrow()
  expect(decodeURIComponent(headerValue(text))).toBe(text.toWellFormed())
})

it('writes names apart from each other, and no more than proxies take', () => {
  expect(headerList(['a,b', 'c d', 'é'])).toBe('a%2Cb,c d,%C3%A9')
  expect(headerList([])).toBe('')
  const many = Array.from({ length: 1_000 }, (_, i) => `group ${i}`)
  expect(headerList(many).length).toBeLessThanOrEqual(3_000)
  expect(many.join(',').startsWith(headerList(many))).toBe(true)
})
