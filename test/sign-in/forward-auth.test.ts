import { expect, it } from 'vitest'
import { deleteTicketsEndedBefore, takeAccessTicket } from '#db/queries/access-tickets.ts'
import { addMembers, insertLocalGroups } from '#db/queries/local-groups.ts'
import { takePlaces } from '#db/queries/local-counts.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import { changeUser } from '#src/local-users/change.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { changeGroup, deleteGroups } from '#src/local-users/groups.ts'
import { changeMembers } from '#src/local-users/members.ts'
import { createAccess } from '#src/sign-in/access-rules.ts'
import { addAccessRule, listAccessRules, removeAccessRule } from '#src/sign-in/access-rules-change.ts'
import { createVerdicts, hashOf, judgeRequest, signOutAt } from '#src/sign-in/forward-auth.ts'
import { endSession, findSession, findSessionById, startSession } from '#src/sign-in/session.ts'
import {
  addressOf,
  issueTicket,
  newBrowserWord,
  readDestination,
  redeemTicket,
} from '#src/sign-in/tickets.ts'
import { auditTrail, localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const wiki = 'wiki.example.net'
const shop = 'shop.example.org:8443'
const resources = [wiki, shop].map((host) => ({ kind: 'host' as const, id: host, name: host }))
const vpn = { kind: 'group', id: 'vpn' } as const

describeOnBothEngines('Forward authentication', (open) => {
  const setUp = async () => {
    const store = await open()
    await store.write(async (ctx) => {
      await takePlaces(ctx, 'users', 2, 10)
      await takePlaces(ctx, 'groups', 2, 10)
      const people = ['ann', 'bob'].map((name) => `${name}${'0'.repeat(19)}`)
      await insertLocalUsers(
        ctx,
        people.map((id) => localUserRow(id, { enrolledAt: start })),
      )
      await insertLocalGroups(ctx, [groupRow('vpn'), groupRow('build')])
      await addMembers(
        ctx,
        ['vpn', 'build'].map((groupId) => ({ groupId, userId: people[0]!, emailKey: people[0]! })),
      )
    })
    const [ann = '', bob = ''] = ['ann', 'bob'].map((name) => `${name}${'0'.repeat(19)}`)
    const access = createAccess({ resources, rules: [] })
    const deps = { ...localUserDeps(store), access, verdicts: createVerdicts() }
    for (const { kind, id } of resources) await addAccessRule(deps, lou, { who: vpn, resource: { kind, id } })
    const signIn = async (userId: string) => {
      const page = { userId, kind: 'page', factors: ['password', 'totp'] as const }
      const { token } = await store.write((ctx) => startSession(ctx, deps, page))
      return (await findSession(deps, token.reveal(), 'page'))!
    }
    const browserWord = newBrowserWord().reveal()
    const ticketOf = async (
      person: { sessionId: string; userId: string },
      host = wiki,
      path = '/page?x=1',
    ) => {
      const issued = await issueTicket(deps, person, { host, path, browserHash: hashOf(browserWord) })
      return issued.kind === 'issued' ? issued.ticket.reveal() : issued.kind
    }
    const redeem = (ticket: string, host = wiki, word: string | undefined = browserWord) =>
      redeemTicket(deps, { host, ticket, browserWord: word })
    const enter = async (host = wiki) => {
      const person = await signIn(ann)
      const token = (await redeem(await ticketOf(person, host), host))!.token.reveal()
      return { person, token }
    }
    const judge = async (token: string | undefined, host = wiki) =>
      (await judgeRequest(deps, { host, token })).kind
    return { store, deps, ann, bob, signIn, ticketOf, redeem, enter, judge }
  }

  it('carries a sign-in to a host, with the way back and whom it is for', async () => {
    const { deps, ann, signIn, ticketOf, redeem, judge } = await setUp()
    expect(await judge(undefined)).toBe('sign_in')
    const session = await redeem(await ticketOf(await signIn(ann)))
    expect(session?.path).toBe('/page?x=1')
    const verdict = await judgeRequest(deps, { host: wiki, token: session!.token.reveal() })
    expect(verdict).toEqual({
      kind: 'pass',
      userId: ann,
      email: `Ann${'0'.repeat(19)}@corp.example`,
      groups: ['build', 'vpn'],
    })
  })

  it('forgets the oldest verdict where there are too many', () => {
    const verdicts = createVerdicts()
    for (let i = 0; i <= 50_000; i += 1) verdicts.keep(`s${i}`, 1, { kind: 'sign_in' })
    expect(verdicts.get('s0', 1)).toBeUndefined()
    expect([verdicts.get('s1', 1), verdicts.get('s50000', 1)]).toEqual([
      { kind: 'sign_in' },
      { kind: 'sign_in' },
    ])
    expect(verdicts.get('s1', 2)).toBeUndefined()
  })

  it('takes a ticket once, also when it is shown many times at the same moment', async () => {
    const { ann, signIn, ticketOf, redeem } = await setUp()
    const ticket = await ticketOf(await signIn(ann))
    const all = await Promise.all(Array.from({ length: 8 }, () => redeem(ticket)))
    expect(all.filter((one) => one !== undefined)).toHaveLength(1)
    expect(await redeem(ticket)).toBeUndefined()
  })

  it('keeps who came to a host and who was refused there, once each, and nothing of single requests', async () => {
    const { store, ann, bob, signIn, ticketOf, redeem, judge } = await setUp()
    const trail = async () =>
      (await auditTrail(store)).filter(({ kind }) => kind.startsWith('protected_host_'))
    const came = {
      kind: 'protected_host_signed_in',
      actor: `local:${ann}`,
      facts: { userId: ann, host: wiki },
    }
    const ticket = await ticketOf(await signIn(ann))
    expect(await trail()).toEqual([])
    const session = await redeem(ticket)
    expect(await redeem(ticket)).toBeUndefined()
    for (let n = 0; n < 3; n += 1) expect(await judge(session!.token.reveal())).toBe('pass')
    expect(await trail()).toEqual([came])
    expect(await ticketOf(await signIn(bob), shop)).toBe('no_access')
    const refused = {
      kind: 'protected_host_refused',
      actor: `local:${bob}`,
      facts: { userId: bob, host: shop },
    }
    expect(await trail()).toEqual([came, refused])
  })

  it('takes no ticket on another host, and leaves it to the right one', async () => {
    const { ann, signIn, ticketOf, redeem } = await setUp()
    const ticket = await ticketOf(await signIn(ann))
    expect(await redeem(ticket, shop)).toBeUndefined()
    expect(await redeem(ticket, wiki)).toBeDefined()
  })

  it('takes no ticket in a browser that did not ask for it', async () => {
    const { ann, signIn, ticketOf, redeem } = await setUp()
    const ticket = await ticketOf(await signIn(ann))
    expect(await redeem(ticket, wiki, newBrowserWord().reveal())).toBeUndefined()
    expect(await redeem(ticket, wiki, '')).toBeUndefined()
    expect(await redeem(ticket)).toBeDefined()
  })

  it('takes no ticket that is older than a minute, made up, or whose page session has ended', async () => {
    const { deps, ann, signIn, ticketOf, redeem } = await setUp()
    const person = await signIn(ann)
    const [late, orphan] = [await ticketOf(person), await ticketOf(person)]
    deps.clock.move(59_999)
    const fresh = await ticketOf(person)
    deps.clock.move(1)
    expect(await redeem(late)).toBeUndefined()
    expect(await redeem('x'.repeat(22))).toBeUndefined()
    expect(await redeem("' or 1=1")).toBeUndefined()
    await endSession(deps, person.sessionId)
    expect(await redeem(fresh)).toBeUndefined()
    expect(await redeem(orphan)).toBeUndefined()
  })

  it('keeps no ticket and no token as it is, and forgets tickets that nobody showed', async () => {
    const { store, ann, signIn, ticketOf, enter, deps } = await setUp()
    const { token } = await enter()
    const ticket = await ticketOf(await signIn(ann))
    const everything = async () =>
      JSON.stringify(
        await store.read(async (ctx) => [
          await ctx.q.select().from(ctx.t.accessTickets),
          await ctx.q.select().from(ctx.t.localSessions),
          await ctx.q.select().from(ctx.t.auditEvents),
        ]),
      )
    const kept = await everything()
    expect(kept).toContain(hashOf(ticket))
    expect(kept).toContain(hashOf(token))
    expect(kept).not.toContain(ticket)
    expect(kept).not.toContain(token)
    await store.write((ctx) => deleteTicketsEndedBefore(ctx, deps.clock.now()))
    expect(await everything()).toContain(hashOf(ticket))
    deps.clock.move(60_001)
    await store.write((ctx) => deleteTicketsEndedBefore(ctx, deps.clock.now()))
    expect(await everything()).not.toContain(hashOf(ticket))
  })

  it('gives no ticket to whom no rule lets in', async () => {
    const { deps, bob, ann, signIn, ticketOf } = await setUp()
    const person = await signIn(bob)
    expect(await ticketOf(person)).toBe('no_access')
    expect(await ticketOf(await signIn(ann), 'old.example.net')).toBe('no_access')
    await changeMembers(deps, lou, 'vpn', { add: [bob], remove: [] })
    expect(await ticketOf(person)).not.toBe('no_access')
  })

  it('lets a session count on its own host and as nothing else', async () => {
    const { deps, store, ann, enter, judge } = await setUp()
    const { person, token } = await enter()
    expect(await judge(token)).toBe('pass')
    expect(await judge(token, shop)).toBe('sign_in')
    expect(await judge(token, 'old.example.net')).toBe('not_served')
    expect(await findSession(deps, token, 'page')).toBeUndefined()
    const page = { userId: ann, kind: 'page', factors: [] }
    const { token: pageToken } = await store.write((ctx) => startSession(ctx, deps, page))
    expect(await judge(pageToken.reveal())).toBe('sign_in')
    expect(await judge(person.sessionId)).toBe('sign_in')
  })

  it.each([
    ['disabled in the list', (deps, id) => changeUser(deps, lou, 'disable', id)],
    ['disabled by a task', (deps, id) => createLocalDirectory(deps).disable(id)],
    ['deleted', (deps, id) => changeUser(deps, lou, 'delete', id)],
    ['told to set a new password', (deps, id) => createLocalDirectory(deps).resetPassword(id)],
    ['signed out by a task', (deps, id) => createLocalDirectory(deps).endSessions(id)],
  ] as const satisfies readonly (readonly [
    string,
    (deps: ReturnType<typeof localUserDeps>, id: string) => Promise<unknown>,
  ])[])('refuses the next request of somebody who is %s, and tickets that are out', async (_, change) => {
    const { deps, ann, enter, judge, ticketOf, redeem } = await setUp()
    const { person, token } = await enter()
    const ticket = await ticketOf(person)
    expect(await judge(token)).toBe('pass')
    await change(deps, ann)
    expect(await judge(token)).toBe('sign_in')
    expect(await redeem(ticket)).toBeUndefined()
  })

  it('refuses the next request when the rule, the membership or the time is gone', async () => {
    const { deps, ann, enter, judge } = await setUp()
    const { token } = await enter()
    await changeMembers(deps, lou, 'vpn', { add: [], remove: [ann] })
    expect(await judge(token)).toBe('no_access')
    await changeMembers(deps, lou, 'vpn', { add: [ann], remove: [] })
    expect(await judge(token)).toBe('pass')
    const rule = (await listAccessRules(deps, lou)).find(({ resource }) => resource.id === wiki)
    await removeAccessRule(deps, lou, rule!.id!)
    expect(await judge(token)).toBe('no_access')
    await addAccessRule(deps, lou, { who: { kind: 'everybody' }, resource: { kind: 'host', id: wiki } })
    expect(await judge(token)).toBe('pass')
    deps.clock.move(12 * 60 * 60 * 1000)
    expect(await judge(token)).toBe('sign_in')
  })

  it('knows of changes that another process made, and tells new names of groups', async () => {
    const { deps, ann, enter, judge } = await setUp()
    const { token } = await enter()
    const replica = { ...deps, verdicts: createVerdicts() }
    const there = () => judgeRequest(replica, { host: wiki, token })
    expect(await there()).toMatchObject({ kind: 'pass', groups: ['build', 'vpn'] })
    await changeGroup(deps, lou, { id: 'build', version: 1 }, { name: 'builders', description: '' })
    expect(await there()).toMatchObject({ groups: ['builders', 'vpn'] })
    await deleteGroups(deps, lou, ['build'])
    expect(await there()).toMatchObject({ groups: ['vpn'] })
    await changeMembers(replica, lou, 'vpn', { add: [], remove: [ann] })
    expect([await judge(token), (await there()).kind]).toEqual(['no_access', 'no_access'])
    const everybody = { who: { kind: 'everybody' }, resource: { kind: 'host', id: wiki } } as const
    await addAccessRule(deps, lou, everybody)
    expect(await there()).toMatchObject({ kind: 'pass', groups: [] })
    const rules = await listAccessRules(deps, lou, { kind: 'everybody' })
    await removeAccessRule(replica, lou, rules[0]!.id!)
    expect([await judge(token), (await there()).kind]).toEqual(['no_access', 'no_access'])
    await changeUser(deps, lou, 'delete', ann)
    expect(await there()).toEqual({ kind: 'sign_in' })
  })

  it('signs out everywhere from a host, and by no token of another host', async () => {
    const { deps, enter, judge } = await setUp()
    const { person, token } = await enter()
    await signOutAt(deps, { host: shop, token })
    await signOutAt(deps, { host: 'old.example.net', token })
    await signOutAt(deps, { host: wiki, token: undefined })
    expect(await judge(token)).toBe('pass')
    await signOutAt(deps, { host: wiki, token })
    expect(await judge(token)).toBe('sign_in')
    expect(await findSessionById(deps, person.sessionId)).toBeUndefined()
  })

  it('ends with the page session', async () => {
    const { deps, enter, judge } = await setUp()
    const { person, token } = await enter()
    await endSession(deps, person.sessionId)
    expect(await judge(token)).toBe('sign_in')
  })

  it.each([
    ['https://wiki.example.net/a/b?c=d&e', 'https://wiki.example.net/a/b?c=d&e'],
    ['https://WIKI.example.net:443/a#b', 'https://wiki.example.net/a'],
    ['https://wiki.example.net', 'https://wiki.example.net/'],
    ['https://shop.example.org:8443/x', 'https://shop.example.org:8443/x'],
    ['https://wiki.example.net//evil.example/', 'https://wiki.example.net/'],
    ['https://wiki.example.net/\\evil.example', 'https://wiki.example.net/'],
    [`https://wiki.example.net/${'x'.repeat(1_200)}`, 'https://wiki.example.net/'],
    ['https://wiki.example.net/\r\nSet-Cookie: a=b', 'https://wiki.example.net/Set-Cookie:%20a=b'],
    ['http://wiki.example.net/', undefined],
    ['https://shop.example.org/x', undefined],
    ['https://evil.example/', undefined],
    ['https://wiki.example.net.evil.example/', undefined],
    ['https://wiki.example.net@evil.example/', undefined],
    ['https://evil.example@wiki.example.net/', undefined],
    ['https://evil.example\\@wiki.example.net/', undefined],
    ['//wiki.example.net/', undefined],
    ['/page', undefined],
    ['javascript:alert(1)//wiki.example.net', undefined],
    ['', undefined],
  ])('reads where a sign-in goes: %s', async (text, expected) => {
    const access = createAccess({ resources, rules: [] })
    const to = readDestination({ access }, text)
    expect(to && addressOf(to)).toBe(expected)
  })

  it('finds tickets by nothing but all that they are bound to', async () => {
    const { store, deps, ann, signIn, ticketOf } = await setUp()
    const id = hashOf(await ticketOf(await signIn(ann)))
    const take = (browserHash: string) =>
      store.write((ctx) => takeAccessTicket(ctx, { id, host: wiki, browserHash }, deps.clock.now()))
    expect(await take('')).toBeUndefined()
    expect(await take('%')).toBeUndefined()
  })
})
