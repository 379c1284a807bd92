import { expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { startWebStage } from '#test/helpers/web.ts'

async function stage(trustedProxies: readonly string[]) {
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  const { log, visitor } = await startWebStage(store, { web: { trustedProxies } })
  const forwarded = { 'x-forwarded-for': '203.0.113.9, <script>' }
  const said = () => log.lines.filter(({ facts }) => 'setting' in facts)
  return { visitor, forwarded, said }
}

it('A proxy that nobody named is spoken of once, without what it says', async () => {
  const { visitor, forwarded, said } = await stage([])
  await visitor().visit('/sign-in')
  expect(said()).toEqual([])
  for (let n = 0; n < 3; n += 1) await visitor(forwarded).visit('/sign-in')
  expect(said()).toMatchObject([
    { level: 'warn', facts: { peer: '127.0.0.1', setting: 'web.trusted_proxies' } },
  ])
  expect(JSON.stringify(said())).not.toContain('203.0.113.9')
})

it('A proxy that is not among those that are named is spoken of too, one that is named is not', async () => {
  const other = await stage(['10.0.0.1/32'])
  await other.visitor(other.forwarded).visit('/sign-in')
  expect(other.said()).toHaveLength(1)
  const named = await stage(['127.0.0.1/32'])
  await named.visitor(named.forwarded).visit('/sign-in')
  expect(named.said()).toEqual([])
})
