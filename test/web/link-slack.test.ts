import { expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { insertFactor } from '#db/queries/second-factors.ts'
import { bindingOfSlack } from '#db/queries/slack-bindings.ts'
import { freePorts } from '#src/sandbox/directories/server-process.ts'
import { chromiumPath, leave, startChromium } from '#test/helpers/chromium.ts'
import { complaintsOf, lookAt } from '#test/helpers/look.ts'
import { sendBindingLink } from '#src/sign-in/bindings.ts'
import { seal } from '#src/sign-in/sealed.ts'
import { secret } from '#src/secrets.ts'
import { codeOf } from '#test/helpers/second-factors.ts'
import { startWebStage } from '#test/helpers/web.ts'

const password = 'violet tractor under ice'
const email = 'ann@corp.example'
const typed = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'

async function stage(web: { publicUrl?: string; port?: number } = {}) {
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  const all = await startWebStage(store, { web })
  const deps = { ...all.deps, web: all.web }
  const userId = await all.enrolled(email, password)
  const sealed = seal(all.web.secrets, { label: 'authenticator app', owner: userId }, secret(typed))
  const app = { id: 'app', userId, kind: 'totp', name: 'Phone', sealed, createdAt: deps.clock.now() }
  await store.write((ctx) => insertFactor(ctx, app))
  const link = async (slackEmail = email, name = 'Ann') => {
    deps.clock.move(61_000)
    await sendBindingLink(deps, { userId: 'U0ANN', email: slackEmail, name })
    const rows = await store.read((ctx) => ctx.q.select().from(ctx.t.outbox))
    return /\/link-slack\/[\w-]+/.exec(JSON.stringify(rows.at(-1)?.message))?.[0] ?? ''
  }
  const code = () => codeOf(deps, typed)
  const bound = async () => (await store.read((ctx) => bindingOfSlack(ctx, 'U0ANN')))?.state
  return { ...all, link, code, bound }
}

const location = (answer: { headers: Readonly<Record<string, unknown>> }) => answer.headers['location']

it('A link from Slack leads through the whole sign-in, and binds nobody before its form is sent', async () => {
  const { visitor, link, code, bound } = await stage()
  const path = await link()
  const back = `return_to=${encodeURIComponent(path)}`
  const { visit } = visitor()
  expect(location(await visit(path))).toBe(`/sign-in?${back}`)
  const form = { email, password, return_to: path }
  expect(location(await visit('/sign-in', { form }))).toBe(`/sign-in/step?${back}`)
  for (const method of ['GET', 'POST'])
    expect(location(await visit(path, { method, headers: { origin: 'https://access.example' } }))).toBe(
      `/sign-in/step?${back}`,
    )
  await visit('/sign-in/step', { form: { kind: 'totp', code: code(), return_to: path } })
  for (let n = 0; n < 3; n += 1) expect((await visit(path)).text).toContain('Yes, both are me')
  expect(await bound()).toBeUndefined()
  expect((await visit(path, { form: {}, headers: { origin: 'https://evil.example' } })).status).toBe(403)
  expect(await bound()).toBeUndefined()
  expect((await visit(path, { form: {} })).text).toContain('Now an owner has to confirm it')
  expect(await bound()).toBe('asked')
  const again = await visit(path, { form: {} })
  expect([again.status, again.text.includes('This link has ended or was used already.')]).toEqual([410, true])
})

it('A link for another address, of nobody, or an old sign-in binds nobody; names from Slack are text', async () => {
  const { deps, visitor, link, code, bound } = await stage()
  const { visit } = visitor()
  const signIn = async () => {
    await visit('/sign-in', { form: { email, password } })
    await visit('/sign-in/step', { form: { kind: 'totp', code: code() } })
  }
  const other = await link('else@corp.example')
  await signIn()
  expect((await visit(other)).text).toContain('so the two cannot be linked')
  expect((await visit(other, { form: {} })).status).toBe(410)
  for (const token of ['x', '%00', '%ff', 'x'.repeat(3_000)])
    expect((await visit(`/link-slack/${token}`)).status, token).toBe(410)
  const hostile = await link(email, '<img src=x onerror=alert(1)>')
  const { text } = await visit(hostile)
  expect(text).toContain('&lt;img src=x')
  expect(text).not.toContain('<img')
  const late = await link()
  deps.clock.move(16 * 60_000)
  expect((await visit(late)).text).toContain('Sign in again first')
  expect((await visit(late, { form: {} })).text).toContain('Sign in again first')
  const answer = await visit('/access/sign-in-again', { form: { return_to: late } })
  expect(location(answer)).toBe(`/sign-in?return_to=${encodeURIComponent(late)}`)
  expect(location(await visit('/access'))).toMatch(/^\/sign-in/)
  expect(await bound()).toBeUndefined()
})

it.skipIf(chromiumPath === undefined)('The pages read well in a real browser', async () => {
  const [port = 0] = await freePorts(1)
  const origin = `http://localhost:${port}`
  const { link, code } = await stage({ publicUrl: origin, port })
  const chromium = await startChromium()
  onTestFinished(() => chromium.close())
  const page = await chromium.newPage()
  const complaints = complaintsOf(page)
  await page.goto(`${origin}${await link()}`)
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await leave(page, page.getByRole('button', { name: 'Sign in' }))
  await page.getByLabel('Code of your authenticator app').fill(code())
  await leave(page, page.getByRole('button', { name: 'Go on' }))
  await page.getByRole('heading', { name: 'Link your Slack account' }).waitFor()
  await lookAt(page, 'link-slack')
  const asked = page.url()
  await leave(page, page.getByRole('button', { name: 'Yes, both are me' }))
  await page.getByRole('heading', { name: 'Now an owner has to confirm it' }).waitFor()
  await lookAt(page, 'link-slack-asked')
  await page.goto(asked)
  await page.getByRole('heading', { name: 'Not linked' }).waitFor()
  await lookAt(page, 'link-slack-refused')
  expect(complaints).toEqual([])
})
