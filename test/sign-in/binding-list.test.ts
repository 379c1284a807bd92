import { expect, it } from 'vitest'
import { updateLocalUsers } from '#db/queries/local-users.ts'
import { bindingsWithUsers, confirmBinding, insertBinding } from '#db/queries/slack-bindings.ts'
import { usersWithFactor } from '#db/queries/second-factors.ts'
import type { SlackPeople } from '#src/people/actor.ts'
import { listBindings } from '#src/sign-in/binding-list.ts'
import { actorWith } from '#test/helpers/local-admin.ts'
import { addApp, addPeople, factorDeps, personId } from '#test/helpers/second-factors.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const owner = actorWith('owner')
const people: SlackPeople = {
  person: async () => undefined,
  groupMembers: async (id) => (id === 'S0APPROVERS' ? ['U0ANN', 'U0BOB', 'U0CAT', 'U0DAN', 'U0EVE'] : []),
}
const signal = AbortSignal.timeout(60_000)

describeOnBothEngines('The list of linked approvers', (open) => {
  it('tells who can show a code and who cannot, and why, those who need somebody first', async () => {
    const deps = factorDeps(await open())
    const names = ['ann', 'bob', 'cat', 'dan', 'gil']
    await addPeople(deps, ...names)
    for (const name of ['ann', 'bob', 'cat', 'gil']) await addApp(deps, name)
    const at = deps.clock.now()
    for (const name of names) {
      const requestId = `request-${name}`
      const who = { slackUserId: `U0${name.toUpperCase()}`, userId: personId(name), requestId }
      await deps.store.write((ctx) => insertBinding(ctx, { ...who, state: 'asked', createdAt: at }))
      const word = { confirmedAt: at, confirmedBy: 'U0OLGA' }
      if (name !== 'bob') await deps.store.write((ctx) => confirmBinding(ctx, requestId, word))
    }
    await deps.store.write((ctx) => updateLocalUsers(ctx, [personId('cat')], { state: 'disabled' }))
    const asked = { store: deps.store, people, approvers: ['S0APPROVERS', 'S0GONE', 'U0FAY', 'U0ANN'] }
    const list = await listBindings(asked, owner, signal)
    expect(list.map((one) => `${one.slackUserId} ${one.kind}`)).toEqual([
      'U0BOB asked',
      'U0EVE none',
      'U0FAY none',
      'U0CAT linked',
      'U0DAN linked',
      'U0GIL linked',
      'U0ANN linked',
    ])
    const linked = { kind: 'linked', confirmedAt: at, confirmedBy: 'U0OLGA' }
    expect(list.slice(3)).toMatchObject([
      { ...linked, email: 'cat@corp.example', isApprover: true, problem: 'disabled' },
      { ...linked, email: 'dan@corp.example', isApprover: true, problem: 'no_app' },
      { ...linked, email: 'gil@corp.example', isApprover: false, problem: undefined },
      { ...linked, email: 'ann@corp.example', isApprover: true, problem: undefined },
    ])
    expect(list[0]).toMatchObject({ requestId: 'request-bob', email: 'bob@corp.example', askedAt: at })
    expect(await deps.store.read((ctx) => bindingsWithUsers(ctx))).toHaveLength(5)
    expect(await deps.store.read((ctx) => usersWithFactor(ctx, [], 'totp'))).toEqual([])
    expect(await deps.store.read((ctx) => usersWithFactor(ctx, [personId('ann')], 'passkey'))).toEqual([])
  })

  it('is for owners alone', async () => {
    const { store } = factorDeps(await open())
    const asked = { store, people, approvers: [] }
    await expect(listBindings(asked, actorWith('approver'), signal)).rejects.toMatchObject({
      code: 'not_allowed',
    })
    expect(await listBindings(asked, owner, signal)).toEqual([])
  })
})
