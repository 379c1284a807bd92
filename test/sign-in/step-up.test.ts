import { expect, it } from 'vitest'
import { bindingOfSlack } from '#db/queries/slack-bindings.ts'
import { endSessions } from '#db/queries/local-users-sign-in.ts'
import { updateLocalUsers } from '#db/queries/local-users.ts'
import { UserError } from '#src/errors.ts'
import type { Actor } from '#src/people/actor.ts'
import { askBinding, type BindingDeps, openBinding, sendBindingLink } from '#src/sign-in/bindings.ts'
import { confirmBindingAs, personOfRequest, removeBinding } from '#src/sign-in/decide-bindings.ts'
import { removeFactor, factorsOf } from '#src/sign-in/factors.ts'
import { createStepUp } from '#src/sign-in/step-up.ts'
import { actorWith, auditTrail } from '#test/helpers/local-admin.ts'
import { addApp, addPeople, codeOf, factorDeps, personId, signedIn } from '#test/helpers/second-factors.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'

const ann = personId('ann')
const bob = personId('bob')
const slackAnn: Actor = { ...actorWith('approver'), userId: 'U0ANN', email: 'Ann@corp.example', name: 'Ann' }
const olga: Actor = { ...actorWith('owner'), userId: 'U0OLGA', email: 'olga@corp.example' }

const outcomeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof UserError ? error.code : String(error)),
  )

async function stage(open: OpenStore) {
  const deps: BindingDeps & ReturnType<typeof factorDeps> = {
    ...factorDeps(await open()),
    owners: ['U0OLGA', 'S0OWNERS'],
  }
  await addPeople(deps, 'ann', 'bob')
  const key = await addApp(deps, 'ann')
  const lines = async () =>
    (await deps.store.read((ctx) => ctx.q.select().from(ctx.t.outbox).orderBy(ctx.t.outbox.id))).map((row) =>
      JSON.stringify(row.message),
    )
  const link = async (actor = slackAnn) => {
    deps.clock.move(60_000)
    await sendBindingLink(deps, actor)
    return /link-slack\/([\w-]{22})\|/.exec((await lines()).at(-1) ?? '')?.[1] ?? ''
  }
  const full = (name = 'ann') => signedIn(deps, name, ['password', 'totp'])
  const requestOf = async (slackUserId = 'U0ANN') =>
    (await deps.store.read((ctx) => bindingOfSlack(ctx, slackUserId)))?.requestId ?? ''
  const confirm = async (more: Partial<Parameters<typeof confirmBindingAs>[2]> = {}, by = olga) =>
    outcomeOf(
      confirmBindingAs(deps, by, {
        requestId: await requestOf(),
        person: slackAnn,
        isOnlyOwner: false,
        ...more,
      }),
    )
  const bind = async () => {
    await askBinding(deps, full(), await link())
    expect(await confirm()).toBe('done')
  }
  const stepUp = createStepUp(deps)
  const verify = async (code: string, who = 'U0ANN') =>
    (await deps.store.write((ctx) => stepUp.verify(ctx, who, code)))?.message
  return { deps, key, lines, link, full, requestOf, confirm, bind, stepUp, verify }
}

describeOnBothEngines('A Slack person', (open) => {
  it('is bound by a link, a sign-in and the word of an owner', async () => {
    const { deps, key, lines, link, full, requestOf, confirm, verify, stepUp } = await stage(open)
    const token = await link()
    expect((await lines()).at(-1)).toContain('https://access.corp.example/link-slack/')
    expect(await openBinding(deps, full(), token)).toEqual({
      slackUserId: 'U0ANN',
      email: 'Ann@corp.example',
      name: 'Ann',
    })
    await askBinding(deps, full(), token)
    const asked = (await lines()).slice(-2)
    expect(asked[0]).toContain('"userId":"U0OLGA"')
    expect(asked[1]).toContain('"userId":"S0OWNERS"')
    expect(await verify(codeOf(deps, key))).toContain('an owner has to confirm it first')
    expect(await personOfRequest(deps, await requestOf())).toBe('U0ANN')
    expect(await confirm()).toBe('done')
    expect(await confirm()).toBe('already_decided')
    await stepUp.assertPossible(slackAnn)
    expect(await verify(codeOf(deps, key))).toBeUndefined()
    expect((await auditTrail(deps.store)).slice(1)).toEqual([
      { kind: 'binding_asked', actor: `local:${ann}`, facts: { userId: ann, slackUserId: 'U0ANN' } },
      { kind: 'binding_confirmed', actor: 'U0OLGA', facts: { userId: ann, slackUserId: 'U0ANN' } },
    ])
  })

  it('shows each code once, whether for a sign-in or a decision, and too many wrong ones wait', async () => {
    const { deps, key, bind, verify } = await stage(open)
    await bind()
    expect(await verify('')).toBe('Type the code of your authenticator app.')
    expect(await verify(codeOf(deps, key))).toBeUndefined()
    expect(await verify(codeOf(deps, key))).toBe('This code was used already. Wait for the next one.')
    for (let n = 0; n < 5; n += 1) expect(await verify('000000')).toContain('This code is not right.')
    expect(await verify(codeOf(deps, key, 1))).toContain('Too many wrong codes.')
    const trail = await auditTrail(deps.store)
    expect(trail.filter((one) => one.kind === 'local_factor_refused')).toHaveLength(5)
  })

  it('without a binding gets a link, one a minute, and is told so', async () => {
    const { deps, lines, stepUp, verify } = await stage(open)
    for (let n = 0; n < 3; n += 1)
      await expect(stepUp.assertPossible(slackAnn)).rejects.toMatchObject({ code: 'not_bound' })
    expect(await lines()).toHaveLength(1)
    deps.clock.move(60_000)
    await expect(stepUp.assertPossible(slackAnn)).rejects.toThrow('I sent you a direct message with a link')
    expect(await lines()).toHaveLength(2)
    expect(await verify('123456')).toContain('is not linked to a local user yet')
    const nameless = { ...slackAnn, userId: 'U0X', email: undefined }
    await expect(stepUp.assertPossible(nameless)).rejects.toThrow('has no e-mail address')
  })

  it('is bound only to the local user with the same verified address', async () => {
    const { deps, link, full } = await stage(open)
    await addApp(deps, 'bob')
    expect(await outcomeOf(openBinding(deps, full('bob'), await link()))).toBe('not_allowed')
    const token = await link()
    expect(await outcomeOf(askBinding(deps, full('bob'), token))).toBe('not_allowed')
    // A refusal uses the link up for nobody.
    const refused = {
      kind: 'binding_refused',
      actor: `local:${bob}`,
      facts: { userId: bob, slackUserId: 'U0ANN' },
    }
    const trail = (await auditTrail(deps.store)).filter(({ kind }) => kind === 'binding_refused')
    expect(trail).toEqual([refused, refused])
    expect(await outcomeOf(askBinding(deps, full('ann'), token))).toBe('done')
    await deps.store.write((ctx) => updateLocalUsers(ctx, [bob], { enrolledAt: null }))
    const slackBob = { ...slackAnn, userId: 'U0BOB', email: 'bob@corp.example' }
    expect(await outcomeOf(askBinding(deps, full('bob'), await link(slackBob)))).toBe('not_allowed')
  })

  it('is bound by a link that is used once, in its time, by who signed in just now with an app', async () => {
    const { deps, link, full } = await stage(open)
    const token = await link()
    expect(await outcomeOf(openBinding(deps, signedIn(deps, 'ann'), token))).toBe('sign_in_again')
    expect(await outcomeOf(askBinding(deps, full(), token))).toBe('done')
    expect(await outcomeOf(askBinding(deps, full(), token))).toBe('stale')
    expect(await outcomeOf(askBinding(deps, full(), 'x'.repeat(22)))).toBe('stale')
    const late = await link()
    deps.clock.move(30 * 60_000)
    expect(await outcomeOf(askBinding(deps, full(), late))).toBe('stale')
    const slackBob = { ...slackAnn, userId: 'U0BOB', email: 'bob@corp.example' }
    expect(await outcomeOf(askBinding(deps, signedIn(deps, 'bob'), await link(slackBob)))).toBe(
      'nothing_to_do',
    )
  })

  it('is confirmed by owners, by themselves only where nobody else could, and while the addresses are the same', async () => {
    const { deps, link, full, confirm } = await stage(open)
    await askBinding(deps, full(), await link())
    expect(await confirm({}, slackAnn)).toBe('not_allowed')
    const ownerAnn = { ...slackAnn, roles: new Set(['owner'] as const) }
    expect(await confirm({}, ownerAnn)).toBe('own_request')
    expect(await confirm({ person: { ...slackAnn, email: 'else@corp.example' } })).toBe('stale')
    expect(await confirm({ person: { ...slackAnn, userId: 'U0BOB' } })).toBe('stale')
    expect(await confirm({ requestId: 'gone' })).toBe('stale')
    expect(await confirm({ isOnlyOwner: true }, ownerAnn)).toBe('done')
  })

  it('is not asked for by a request that was under way when the sign-in ended', async () => {
    const { deps, link, full, requestOf } = await stage(open)
    const token = await link()
    await deps.store.write((ctx) => endSessions(ctx, [ann]))
    expect(await outcomeOf(askBinding(deps, full(), token))).toBe('sign_in_again')
    expect(await requestOf()).toBe('')
  })

  it('asks anew in the place of what was asked before, but not once it is confirmed', async () => {
    const { deps, link, full, requestOf, confirm } = await stage(open)
    await askBinding(deps, full(), await link())
    const first = await requestOf()
    await askBinding(deps, full(), await link())
    expect(await confirm({ requestId: first })).toBe('stale')
    expect(await confirm()).toBe('done')
    expect(await outcomeOf(askBinding(deps, full(), await link()))).toBe('already_there')
  })

  it('can show no more codes once an owner took the link away, the account is disabled, or the app is gone', async () => {
    const { deps, key, lines, full, bind, requestOf, verify } = await stage(open)
    await bind()
    await deps.store.write((ctx) => updateLocalUsers(ctx, [ann], { state: 'disabled' }))
    expect(await verify(codeOf(deps, key))).toContain('your local user is disabled')
    await deps.store.write((ctx) => updateLocalUsers(ctx, [ann], { state: 'enabled' }))
    expect(await outcomeOf(removeBinding(deps, slackAnn, await requestOf()))).toBe('not_allowed')
    const [app] = (await factorsOf(deps, ann)).all
    await removeFactor(deps, full(), app!.id)
    expect(await verify(codeOf(deps, key))).toContain('Set up an authenticator app')
    expect(await removeBinding(deps, olga, await requestOf())).toBe('undone')
    expect((await lines()).at(-1)).toContain('an owner took the link away')
    expect(await verify(codeOf(deps, key))).toContain('is not linked to a local user yet')
    expect((await auditTrail(deps.store)).at(-1)?.kind).toBe('binding_removed')
  })

  it('is told that they were not linked where an owner refuses what was asked', async () => {
    const { deps, lines, link, full, requestOf } = await stage(open)
    await askBinding(deps, full(), await link())
    expect(await removeBinding(deps, olga, await requestOf())).toBe('refused')
    expect((await lines()).at(-1)).toContain('Your accounts were not linked')
  })
})
