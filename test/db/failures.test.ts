import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { insertSession } from '#db/queries/local-users-sign-in.ts'
import { localUsersByEmailKeys } from '#db/queries/local-users.ts'
import { redactFacts } from '#src/log.ts'
import { start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const typed = 'a password typed into the wrong field'
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describeOnBothEngines('A query that fails', (open, { dialect }) => {
  const said = (error: unknown) => `${inspect(error, { depth: 20 })} ${JSON.stringify(redactFacts(error))}`

  it('does not say what people typed: errors are logged', async () => {
    const store = await open()
    const session = { id: 'one', userId: 'u', kind: 'page', label: typed, createdAt: start, expiresAt: start }
    await store.write((ctx) => insertSession(ctx, session))
    const taken = await errorOf(store.write((ctx) => insertSession(ctx, session)))
    expect(taken).toBeInstanceOf(Error)
    expect(said(taken)).toContain('local_sessions')
    expect(said(taken)).not.toContain(typed)
  })

  it.skipIf(dialect === 'sqlite')('in a read neither, and says which query it was and why', async () => {
    const store = await open()
    const error = await errorOf(store.read((ctx) => localUsersByEmailKeys(ctx, [`${typed}\0`])))
    expect(said(error)).toMatch(/a query failed: select .*local_users/)
    expect(said(error)).toContain('22021')
    expect(said(error)).not.toContain(typed)
  })
})
