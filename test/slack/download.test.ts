import { createServer, type RequestListener } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createDownload } from '#src/slack/download.ts'

const token = 'xoxb-of-this-test'
const stack: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of stack.splice(0)) await one[Symbol.asyncDispose]()
})

/** A server of files; answers its host and the tokens that it was shown. */
async function serve(listener: RequestListener) {
  const shown: (string | undefined)[] = []
  const server = createServer((request, response) => {
    shown.push(request.headers.authorization)
    listener(request, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  stack.push({
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { host: `127.0.0.1:${address.port}`, url: `http://127.0.0.1:${address.port}/people.csv`, shown }
}
const text = (body: string, headers: Readonly<Record<string, string>> = {}): RequestListener => {
  return (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/csv', ...headers }).end(body)
}
const download = (hosts: readonly string[], changes: Partial<Parameters<typeof createDownload>[0]> = {}) =>
  createDownload({ botToken: token, hosts, allowPlain: true, largestBytes: 1_000, ...changes })
const fileAt = (url: string, size = 10) => ({ name: 'people.csv', url, size })
const never = new AbortController().signal

describe('fetching a file that somebody put into a form', () => {
  it('shows the bot’s token to a host that is named', async () => {
    const server = await serve(text('email\na@corp.example'))
    const bytes = await download([server.host])(fileAt(server.url), never)
    expect(Buffer.from(bytes).toString()).toBe('email\na@corp.example')
    expect(server.shown).toEqual([`Bearer ${token}`])
  })

  it.each([
    ['another host', (host: string) => `http://${host}/people.csv`, ['files.slack.com']],
    ['a host that only begins like it', () => 'https://files.slack.com.evil.test/x', ['files.slack.com']],
    [
      'a name and password before another host',
      (host: string) => `http://files.slack.com@${host}/x`,
      ['files.slack.com'],
    ],
    ['a name and password before the host itself', (host: string) => `http://a:b@${host}/x`, ['127.0.0.1']],
    ['another kind of address', () => 'file:///etc/passwd', ['']],
    ['what is no address', () => 'people.csv', ['files.slack.com']],
  ])('shows nobody the token for %s', async (_, urlOf, hosts) => {
    const server = await serve(text('email\na@corp.example'))
    const fetched = download(hosts)(fileAt(urlOf(server.host)), never)
    await expect(fetched).rejects.toMatchObject({ code: 'not_understood', field: 'file' })
    expect(server.shown).toEqual([])
  })

  it('does not use plain HTTP where Slack itself is reached over TLS', async () => {
    const server = await serve(text('email'))
    const fetched = download([server.host], { allowPlain: false })(fileAt(server.url), never)
    await expect(fetched).rejects.toMatchObject({ code: 'not_understood' })
    expect(server.shown).toEqual([])
  })

  it('follows a redirect to a host that is named, and to no other', async () => {
    const other = await serve(text('email\nb@corp.example'))
    const server = await serve(
      (_request, response) => void response.writeHead(302, { location: other.url }).end(),
    )
    await expect(download([server.host])(fileAt(server.url), never)).rejects.toMatchObject({ field: 'file' })
    expect(other.shown).toEqual([])
    const bytes = await download([server.host, other.host])(fileAt(server.url), never)
    expect(Buffer.from(bytes).toString()).toContain('b@corp.example')
  })

  it('gives up on redirects without an end', async () => {
    const server = await serve(
      (_request, response) => void response.writeHead(302, { location: '/again' }).end(),
    )
    await expect(download([server.host])(fileAt(server.url), never)).rejects.toMatchObject({ field: 'file' })
    expect(server.shown.length).toBeLessThan(5)
  })

  it('reads no more than it may, whatever size was promised', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' })
      response.write('x'.repeat(600))
      response.write('x'.repeat(600))
      // It never ends by itself.
    })
    await expect(download([server.host])(fileAt(server.url), never)).rejects.toThrow(/larger than/u)
    await expect(download([server.host])(fileAt(server.url, 5_000), never)).rejects.toThrow(/larger than/u)
    expect(server.shown).toHaveLength(1)
  })

  it('takes a page to sign in for what it is', async () => {
    const server = await serve(text('<!DOCTYPE html>', { 'content-type': 'text/html; charset=utf-8' }))
    await expect(download([server.host])(fileAt(server.url), never)).rejects.toThrow(/files:read/u)
  })

  it('leaves what passes to another try, and ends when it is told to', async () => {
    const busy = await serve((_request, response) => void response.writeHead(503).end())
    await expect(download([busy.host])(fileAt(busy.url), never)).rejects.not.toHaveProperty('field')
    const silent = await serve(() => {})
    const stop = new AbortController()
    const fetched = download([silent.host])(fileAt(silent.url), stop.signal)
    stop.abort()
    await expect(fetched).rejects.toThrow(/aborted/u)
  })
})
