import { request } from 'node:http'
import { expect, it } from 'vitest'
import { serveTestPage } from '#test/sandbox/workspace/served.ts'

/** What the page answers to a request with these headers. */
async function ask(url: string, method: string, headers: Readonly<Record<string, string>>, body = '') {
  return await new Promise<{ readonly status: number; readonly headers: Readonly<Record<string, unknown>> }>(
    (resolve, reject) => {
      const sent = request(url, { method, headers }, (answer) => {
        answer.resume()
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }))
      })
      sent.on('error', reject)
      sent.end(body)
    },
  )
}

const form = {
  'content-type': 'multipart/form-data; boundary=b',
}
const reload = '--b\r\ncontent-disposition: form-data; name="doing"\r\n\r\n{"kind":"reload"}\r\n--b--\r\n'

it('is served under its own names only', async () => {
  const { url, port } = await serveTestPage()
  const status = async (host: string) => (await ask(`${url}as/rita/security`, 'GET', { host })).status
  expect(await status(`127.0.0.1:${port}`)).toBe(200)
  expect(await status(`localhost:${port}`)).toBe(200)
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`])
    expect(await status(host), host).toBe(421)
})

it('takes changes from its own pages only', async () => {
  const { url, port } = await serveTestPage()
  const post = async (origin: string | undefined) =>
    (await ask(`${url}as/rita/do`, 'POST', { ...form, ...(origin !== undefined && { origin }) }, reload))
      .status
  expect(await post(`http://127.0.0.1:${port}`)).toBe(200)
  for (const origin of [
    undefined,
    'null',
    'https://evil.example',
    `http://127.0.0.1:${port + 1}`,
    `https://127.0.0.1:${port}`,
  ])
    expect(await post(origin), origin).toBe(403)
})

it('lets no other script run and nobody frame it', async () => {
  const { url } = await serveTestPage()
  const { headers } = await ask(`${url}as/rita/security`, 'GET', {})
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
  expect(headers['x-content-type-options']).toBe('nosniff')
})

it('takes another port when somebody has the one it wants', async () => {
  const first = await serveTestPage()
  const second = await serveTestPage(first.port)
  expect(second.port).not.toBe(first.port)
})
