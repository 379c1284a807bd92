import { expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { startWebStage } from '#test/helpers/web.ts'

const password = 'violet tractor under ice'
const [ann, bob] = ['ann@corp.example', 'bob@corp.example']
const wiki = { kind: 'host', id: 'wiki.example.net' } as const

it('who gets into no protected host signs in as somebody else on the refusal, and goes on there', async () => {
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  const rules = [{ to: [wiki], who: [{ kind: 'user' as const, email: bob }] }]
  const { enrolled, visitor } = await startWebStage(store, {
    access: { resources: [{ ...wiki, name: 'Wiki' }], rules },
  })
  for (const email of [ann, bob]) await enrolled(email, password)
  const { visit } = visitor()
  await visit('/sign-in', { form: { email: ann, password } })
  const query = new URLSearchParams({ to: 'https://wiki.example.net/a?b=c', browser: 'x'.repeat(43) })
  const refused = await visit(`/forward-auth/ticket?${query.toString()}`)
  expect(refused.status).toBe(403)
  const link =
    /<a href="([^"]+)">Use another account</.exec(refused.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
  const form = await visit(link)
  expect([form.status, form.text.includes('<h1>Sign in</h1>')]).toEqual([200, true])
  const back = new URL(link, 'https://access.example').searchParams.get('return_to') ?? ''
  expect((await visit('/sign-in', { form: { email: bob, password, return_to: back } })).status).toBe(200)
  const { status, headers } = await visit(back)
  expect(status).toBe(302)
  expect(headers['location']).toMatch(/^https:\/\/wiki\.example\.net\/\.drawbridge\/callback\?ticket=/)
})
