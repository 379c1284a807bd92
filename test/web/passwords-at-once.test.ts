import { expect, it } from 'vitest'
import { openStore } from '#db/store.ts'
import { type Answer, startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const other = 'seven green umbrellas sing'
const ann = 'ann@corp.example'
const bob = 'bob@corp.example'
// Tries of a current password are counted before they are looked at, so some of those at once meet that limit.
const sentences = /You sent this very many times at once\.|There were too many tries\. Wait 15 seconds/
const signInAs = (email: string, password = right) => ({ form: { email, password } })

async function stage() {
  const all = await startWebStage(await openStore('sqlite::memory:'))
  await all.enrolled(ann, right)
  await all.enrolled(bob, right)
  const mallory = all.visitor()
  await mallory.visit('/sign-in', signInAs(ann))
  /** 200 requests of one person, and Bob signing in among them: what they were told, and the order of the answers. */
  const flood = async (send: (n: number) => Promise<Answer>) => {
    const order: string[] = []
    const said: string[] = []
    const told = async (work: Promise<Answer>, who: string) => {
      const { status, text } = await work
      order.push(`${who} ${status}`)
      if (status === 429) said.push(text)
    }
    const sent = Array.from({ length: 200 }, (_, n) => told(send(n), 'ann'))
    await Promise.all([...sent, told(all.visitor().visit('/sign-in', signInAs(bob)), 'bob')])
    const refused = order.filter((one) => one === 'ann 429').length
    for (const text of said) expect(text).toMatch(sentences)
    const tries = all.met.get('current_password') ?? 0
    expect(all.met.get('passwords_at_once_of_one')).toBeGreaterThan(0)
    expect((all.met.get('passwords_at_once_of_one') ?? 0) + tries).toBe(refused)
    return order
  }
  return { ...all, mallory, flood }
}

it('who changes the password 200 times at once is asked to wait, keeps it, and holds nobody up', async () => {
  const { mallory, flood, met, visitor } = await stage()
  const same = { current: right, password: right, again: right }
  const order = await flood(() => mallory.visit('/access/password', { form: same }))
  expect(order).toContain('bob 303')
  expect(new Set(order)).toEqual(new Set(['ann 422', 'ann 429', 'bob 303']))
  expect(met.get('passwords_at_once')).toBeUndefined()
  expect((await visitor().visit('/sign-in', signInAs(ann))).status).toBe(303)
  const change = { current: right, password: other, again: other }
  expect((await mallory.visit('/access/password', { form: change })).status).toBe(303)
})

it('who sends the form of a link 200 times at once keeps the link, and holds nobody up', async () => {
  const { visitor, mailedPath, flood } = await stage()
  await visitor().visit('/forgot', { form: { email: ann } })
  const link = await mailedPath()
  const order = await flood(() => visitor().visit(link, { form: { password: right, again: right } }))
  expect(new Set(order)).toEqual(new Set(['ann 422', 'ann 429', 'bob 303']))
  expect((await visitor().visit(link, { form: { password: other, again: other } })).status).toBe(303)
})

it('who signs in 200 times at once, in browsers they know, holds nobody up', async () => {
  const { mallory, visitor, flood } = await stage()
  const mark = mallory.cookies.get('__Host-drawbridge-known') ?? ''
  const order = await flood(() =>
    visitor({ cookie: `__Host-drawbridge-known=${mark}` }).visit('/sign-in', signInAs(ann)),
  )
  expect(order).toContain('bob 303')
})
