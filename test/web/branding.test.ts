import { expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { changeLocalSettings } from '#src/local-users/settings.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { startWebStage } from '#test/helpers/web.ts'

const password = 'violet tractor under ice'
const email = 'ann@corp.example'
const wiki = { kind: 'host', id: 'wiki.example.net' } as const
const branded = '<header class="brand" dir="auto">Corp Example</header>'

it('the branding text stands on pages that say what is the matter, also at protected hosts', async () => {
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  const access = { resources: [{ ...wiki, name: 'Wiki' }], rules: [] }
  const web = { trustedProxies: ['127.0.0.1/32'] }
  const { deps, enrolled, visitor } = await startWebStage(store, { web, access })
  await enrolled(email, password)
  await changeLocalSettings(deps, lou, { brandingText: 'Corp Example' })
  const { visit } = visitor()
  const there = { 'x-forwarded-host': wiki.id, 'x-forwarded-for': '192.0.2.1' }
  const asked = { 'x-original-url': `https://${wiki.id}/`, 'x-forwarded-method': 'GET' }
  const ticket = `to=${encodeURIComponent(`https://${wiki.id}/`)}&browser=${'x'.repeat(43)}`
  const pages = [
    await visit('/sign-in', { form: { email, password, return_to: '/elsewhere' } }),
    await visit('/nothing/here'),
    await visit('/sign-in', { form: { email: 'x'.repeat(20_000), password } }),
    await visit('/sign-in', { form: { email, password }, headers: { origin: 'https://evil.example' } }),
    await visit('/nothing', { headers: { host: 'other.example' } }),
    await visit(`/forward-auth/ticket?${ticket}`),
    await visit('/forward-auth', { headers: { ...there, ...asked, 'x-forwarded-host': 'other.example' } }),
    await visit('/.drawbridge/sign-out', { headers: there }),
    await visit('/.drawbridge/callback?ticket=x', { headers: there }),
  ]
  expect(pages.map(({ status }) => status)).toEqual([200, 404, 413, 403, 421, 403, 403, 200, 403])
  for (const { text, status } of pages) expect(text, String(status)).toContain(branded)
})

it('a page that says that something failed is there without it where the store is away', async () => {
  const store = await openStore('sqlite::memory:')
  const { visitor } = await startWebStage(store)
  await store.close()
  const { visit } = visitor()
  const failed = await visit('/enroll/x')
  expect([failed.status, failed.text.includes('Something went wrong on our side.')]).toEqual([500, true])
  expect((await visit('/nothing/here')).status).toBe(404)
})
