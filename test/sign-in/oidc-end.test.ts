import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { expect, it } from 'vitest'
import { oidcKeys } from '#db/queries/oidc-keys.ts'
import { openStore } from '#db/store.ts'
import { changeUser } from '#src/local-users/change.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { secret } from '#src/secrets.ts'
import { loadSigningKeys, planKeys } from '#src/sign-in/oidc/keys.ts'
import { endSession } from '#src/sign-in/session.ts'
import { errorOf, idOf, issuer, startLogoutListener, startOpenIdStage } from '#test/helpers/openid.ts'
import { auditTrail, lou } from '#test/helpers/local-admin.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'
import { ask } from '#test/helpers/web.ts'

type Stage = Awaited<ReturnType<typeof startOpenIdStage>>

async function publishedKeys(port: number): Promise<JSONWebKeySet> {
  const answer = await ask(port, '/oidc/jwks', { headers: { host: 'access.example' } })
  return JSON.parse(answer.text)
}

async function signedInWithListener(url?: string) {
  const listener = await startLogoutListener()
  const store = await openStore(url ?? 'sqlite::memory:')
  const stage = await startOpenIdStage(store, { backchannelLogoutUri: listener.url })
  const party = await stage.party()
  const browser = await stage.browser('ann')
  return {
    listener,
    stage,
    party,
    browser,
    ...(await party.signIn(browser, { scope: 'openid offline_access', prompt: 'consent' })),
  }
}

const audited = async (stage: Stage, kind: string) =>
  (await auditTrail(stage.store)).filter((event) => event.kind === kind)

describeOnBothEngines('whoever is', (_open, databases) => {
  it.each([
    ['disabled', (deps: Stage['deps']) => createLocalDirectory(deps).disable(idOf('ann'))],
    ['deleted', (deps: Stage['deps']) => changeUser(deps, lou, 'delete', idOf('ann'))],
    ['signed out by a task', (deps: Stage['deps']) => createLocalDirectory(deps).endSessions(idOf('ann'))],
    ['given a new password', (deps: Stage['deps']) => createLocalDirectory(deps).resetPassword(idOf('ann'))],
  ])('%s has nothing left at relying parties, which are told', async (_, end) => {
    const { listener, stage, party, browser, tokens } = await signedInWithListener(await databases.newUrl())
    const { path, checks } = await party.request()
    const { away } = await browser.follow(path)
    await end(stage.deps)
    const { config } = party
    const { access_token: access, refresh_token: refresh = '' } = tokens
    expect(await errorOf(client.refreshTokenGrant(config, refresh))).toBe('invalid_grant')
    expect(await errorOf(client.fetchUserInfo(config, access, idOf('ann')))).toBe('invalid_token')
    expect(await errorOf(client.authorizationCodeGrant(config, away ?? new URL(issuer), checks))).toBe(
      'invalid_grant',
    )
    expect(await client.tokenIntrospection(config, refresh)).toEqual({ active: false })
    expect((await browser.follow((await party.request()).path)).path).toMatch(/^\/sign-in/)
    await stage.runner.runAllDue()
    const keys = createLocalJWKSet(await publishedKeys(stage.port))
    const { payload, protectedHeader } = await jwtVerify(listener.arrived[0] ?? '', keys, {
      issuer,
      audience: 'wiki',
      typ: 'logout+jwt',
      maxTokenAge: '2 minutes',
    })
    expect(payload).toMatchObject({
      sub: idOf('ann'),
      sid: tokens.claims()?.['sid'],
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    expect(payload).not.toHaveProperty('nonce')
    expect([protectedHeader.alg, payload.jti?.length]).toEqual(['RS256', 22])
    expect(await audited(stage, 'relying_party_told')).toHaveLength(1)
    expect(listener.arrived).toHaveLength(1)
    const kept = await stage.store.read((ctx) => ctx.q.select().from(ctx.t.oidcRecords))
    expect(kept.filter(({ userId }) => userId !== null)).toEqual([])
  })
})

it('a relying party is told also when a person signs out here, and nobody else’s is', async () => {
  const { listener, stage, browser } = await signedInWithListener()
  const other = await stage.browser('ann')
  await endSession(stage.deps, other.sessionId)
  await stage.runner.runAllDue()
  expect(listener.arrived).toHaveLength(0)
  await endSession(stage.deps, browser.sessionId)
  await stage.runner.runAllDue()
  expect(listener.arrived).toHaveLength(1)
})

it('a relying party that does not answer is asked again, with a token of its own each time', async () => {
  const { listener, stage } = await signedInWithListener()
  listener.answers.push(500, 302)
  await createLocalDirectory(stage.deps).disable(idOf('ann'))
  for (let tries = 0; tries < 3; tries += 1) {
    await stage.runner.runAllDue()
    stage.clock.move(60_000)
  }
  expect(listener.arrived).toHaveLength(3)
  expect(new Set(listener.arrived).size).toBe(3)
  expect(await audited(stage, 'relying_party_told')).toHaveLength(1)
})

it('a relying party that never takes it is given up, which the audit trail says', async () => {
  const { listener, stage } = await signedInWithListener()
  listener.answers.push(...Array.from({ length: 40 }, () => 400))
  await createLocalDirectory(stage.deps).disable(idOf('ann'))
  for (let tries = 0; tries < 25; tries += 1) {
    await stage.runner.runAllDue()
    stage.clock.move(60_000)
  }
  expect(listener.arrived).toHaveLength(20)
  expect(await audited(stage, 'relying_party_not_told')).toEqual([
    {
      kind: 'relying_party_not_told',
      actor: 'system',
      facts: { clientId: 'wiki', userId: idOf('ann'), reason: 'answered 400' },
    },
  ])
})

const day = 24 * 60 * 60 * 1000
const at = (days: number) => new Date(Date.UTC(2026, 0, 1) + days * day)

it.each([
  ['none is there', [], 0, { signing: undefined, others: [], over: [], newFrom: at(0) }],
  ['one is young', [0], 89, { signing: 0, others: [], over: [], newFrom: undefined }],
  ['one is old', [0], 90, { signing: 0, others: [], over: [], newFrom: at(91) }],
  ['the next one waits', [0, 91], 90.5, { signing: 0, others: [91], over: [], newFrom: undefined }],
  ['the next one signs', [0, 91], 91, { signing: 91, others: [0], over: [], newFrom: undefined }],
  ['the last one is over', [0, 91], 92, { signing: 91, others: [], over: [0], newFrom: undefined }],
  ['nobody asked for a year', [0], 365, { signing: 0, others: [], over: [], newFrom: at(366) }],
])('signing keys where %s', (_, from, now, expected) => {
  const rows = from.map((days) => ({ signsFrom: at(days) }))
  const row = (days: unknown) => (typeof days === 'number' ? { signsFrom: at(days) } : days)
  expect(planKeys(rows, at(now))).toEqual({
    signing: row(expected.signing),
    others: expected.others.map(row),
    over: expected.over.map(row),
    newFrom: expected.newFrom,
  })
})

it('keys change without anybody noticing: the next one is published before it signs', async () => {
  const stage = await startOpenIdStage(await openStore('sqlite::memory:'))
  const party = await stage.party()
  const { tokens } = await party.signIn(await stage.browser('ann'))
  const [first] = (await publishedKeys(stage.port)).keys
  stage.clock.move(90 * day)
  const both = (await publishedKeys(stage.port)).keys.map(({ kid }) => kid)
  expect([both[0], both.length]).toEqual([first?.kid, 2])
  stage.clock.move(day)
  const now = await publishedKeys(stage.port)
  expect(now.keys.map(({ kid }) => kid)).toEqual(both.toReversed())
  await jwtVerify(tokens.id_token ?? '', createLocalJWKSet(now), { issuer })
  stage.clock.move(day)
  expect((await publishedKeys(stage.port)).keys.map(({ kid }) => kid)).toEqual([both[1]])
})

it('replicas that start at the same moment sign with the same key', async () => {
  const stage = await startOpenIdStage(await openStore('sqlite::memory:'))
  const ports = [stage.port, await stage.serve(['w'.repeat(32)]), await stage.serve(['w'.repeat(32)])]
  const sets = await Promise.all(ports.map(publishedKeys))
  const kids = sets.map(({ keys }) => keys.map(({ kid }) => kid).join())
  expect(new Set(kids).size).toBe(1)
})

it('a new web.secret signs nobody out, and the old one can go once the keys are sealed anew', async () => {
  const [old, fresh] = ['w'.repeat(32), 'n'.repeat(32)]
  const stage = await startOpenIdStage(await openStore('sqlite::memory:'))
  const browser = await stage.browser('ann')
  const { tokens } = await (await stage.party()).signIn(browser)
  const before = await publishedKeys(stage.port)
  const both = await stage.serve([fresh, old])
  expect(await publishedKeys(both)).toEqual(before)
  const later = await stage.browser(undefined, both)
  for (const [name, value] of browser.cookies) later.cookies.set(name, value)
  const party = await stage.party('wiki', both)
  expect((await party.signIn(later, { prompt: 'none' })).tokens.claims()?.sub).toBe(idOf('ann'))
  const alone = await stage.serve([fresh])
  expect(await publishedKeys(alone)).toEqual(before)
  const last = await stage.party('wiki', alone)
  expect((await client.refreshTokenGrant(last.config, tokens.refresh_token ?? '')).access_token).toBeDefined()
})

it('keys that nothing opens are left alone, and new ones made', async () => {
  const store = await openStore('sqlite::memory:')
  const clock = { now: () => at(0) }
  const oidc = (word: string) => ({ publicUrl: issuer, secrets: [secret(word.repeat(32))], clients: [] })
  const [one] = await loadSigningKeys({ store, clock, oidc: oidc('a') })
  const [other] = await loadSigningKeys({ store, clock, oidc: oidc('b') })
  expect(other.kid).not.toBe(one.kid)
  expect(await store.read((ctx) => oidcKeys(ctx))).toHaveLength(2)
})
