import { expect, it } from 'vitest'
import { keepSystemHealths, systemHealths } from '#db/queries/system-health.ts'
import { after, start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

describeOnBothEngines('Queries on the health of systems', (open) => {
  it('keep since when a system is in its state, and when it was looked at last', async () => {
    const store = await open()
    const keep = (state: string, now: Date) =>
      store.write((ctx) => keepSystemHealths(ctx, [{ systemId: 'okta', state }], now))
    await store.write((ctx) => keepSystemHealths(ctx, [], start))
    await keep('away', start)
    await keep('away', after(1_000))
    expect(await store.read(systemHealths)).toEqual([
      { systemId: 'okta', state: 'away', sinceAt: start, lookedAt: after(1_000) },
    ])
    await keep('well', after(2_000))
    expect(await store.read(systemHealths)).toEqual([
      { systemId: 'okta', state: 'well', sinceAt: after(2_000), lookedAt: after(2_000) },
    ])
  })
})
