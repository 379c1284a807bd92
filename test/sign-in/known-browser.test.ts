import { expect, it } from 'vitest'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const other = 'seven green umbrellas sing'
const ann = 'ann@corp.example'

describeOnBothEngines('A browser that a person knows', (open) => {
  it('is one no more once the password was changed: who knew the old one guesses no faster than strangers', async () => {
    const { enrolled, mailedPath, visitor, deps } = await startWebStage(await open())
    await enrolled(ann, right)
    const signIn = { form: { email: ann, password: right } }
    const old = [visitor(), visitor(), visitor()]
    for (const { visit } of old) expect((await visit('/sign-in', signIn)).status).toBe(303)
    deps.clock.move(1_000)
    const mine = visitor()
    await mine.visit('/forgot', { form: { email: ann } })
    await mine.visit(await mailedPath(), { form: { password: other, again: other } })
    const seen: number[] = []
    for (let n = 0; n < 4; n += 1)
      for (const { visit } of old)
        seen.push((await visit('/sign-in', { form: { email: ann, password: 'not this one at all' } })).status)
    expect(seen.filter((status) => status === 422)).toHaveLength(5)
    expect((await mine.visit('/sign-in', { form: { email: ann, password: other } })).status).toBe(303)
  })
})
