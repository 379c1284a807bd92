import { expect, it, onTestFinished } from 'vitest'
import type { SandboxMail } from '#src/sandbox/mailbox/mailbox.ts'
import { mailboxHtml, mailboxRoutes } from '#src/sandbox/mailbox/pages.ts'
import { chromiumPath, startChromium } from '#test/helpers/chromium.ts'

const links = { signIn: 'http://localhost:1', wiki: 'http://127.0.0.1:2' }
const mail = (id: string, fields: Partial<SandboxMail> = {}): SandboxMail => ({
  id,
  to: 'ann@corp.example',
  subject: 'Hello',
  text: 'Go to\nhttp://localhost:1/enroll/x.y\n',
  html: undefined,
  receivedAt: new Date('2026-03-01T03:12:00Z'),
  ...fields,
})

it('links in a mail open in a tab of their own, and the rest of it is text', () => {
  const hostile = mail('a', { subject: '<b>x</b>', text: 'http://localhost:1/a"><script>1</script>' })
  const { html } = mailboxHtml([mail('b'), hostile], links)
  expect(html).toMatch(
    /<a href="http:\/\/localhost:1\/enroll\/x\.y" rel="noopener noreferrer" target="_blank"\s*>/u,
  )
  expect(html).toContain('To ann@corp.example · 03:12 UTC')
  expect(html).toContain('&lt;b&gt;x&lt;/b&gt;')
  expect(html).not.toContain('<script>')
  expect(html).not.toContain('Show it as a mail program does')
})

it('says where there is no mail yet', () => {
  expect(mailboxHtml([], links).html).toContain('No mail was sent yet.')
})

it.skipIf(chromiumPath === undefined)('no script of a mail runs, and nothing is fetched for it', async () => {
  const hostile = `<!doctype html><html><head><title>t</title></head><body><p style="color: rgb(1, 2, 3)">Hi</p>
    <script>document.title = 'taken'</script><img src="/people.csv" onerror="document.title = 'taken'"></body></html>`
  const app = mailboxRoutes({ mails: () => [mail('a', { html: hostile }), mail('b')] })
  const chromium = await startChromium()
  onTestFinished(() => chromium.close())
  const page = await chromium.newPage()
  const asked: string[] = []
  await page.route('**', async (route) => {
    const { pathname } = new URL(route.request().url())
    asked.push(pathname)
    const answer = await app.request(pathname)
    const headers = Object.fromEntries(answer.headers)
    await route.fulfill({ status: answer.status, headers, body: await answer.text() })
  })
  await page.goto('http://sandbox.test/mails/a')
  expect(await page.title()).toBe('t')
  const colour: unknown = await page.evaluate("getComputedStyle(document.querySelector('p')).color")
  expect(colour).toBe('rgb(1, 2, 3)')
  expect(asked).toEqual(['/mails/a'])
  await page.goto('http://sandbox.test/mails/b')
  expect(await page.textContent('body')).toContain('http://localhost:1/enroll/x.y')
  expect((await page.goto('http://sandbox.test/mails/gone'))?.status()).toBe(404)
})

it('offers a file to import as a download', async () => {
  const answer = await mailboxRoutes({ mails: () => [] }).request('/people.csv')
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="people.csv"')
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(await answer.text()).toMatch(/^email,description,groups\r\n/u)
})
