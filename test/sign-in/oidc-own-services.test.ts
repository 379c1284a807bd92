import * as client from 'openid-client'
import { expect, it } from 'vitest'
import { removeMembers } from '#db/queries/local-groups.ts'
import { openStore } from '#db/store.ts'
import { forwardKind } from '#src/sign-in/forward-auth.ts'
import { endSession, startSession } from '#src/sign-in/session.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import {
  type Browser,
  errorOf,
  idOf,
  shopHost,
  startLogoutListener,
  startOpenIdStage,
} from '#test/helpers/openid.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const offline = { scope: 'openid offline_access', prompt: 'consent' }

/** The rows of the page as a person reads them, and which of them have an end. */
async function rowsOf(browser: Browser): Promise<readonly string[]> {
  const { text } = await browser.visit('/access')
  const part = text.slice(text.indexOf('What you may reach'))
  return (part.slice(0, part.indexOf('<h2')).match(/<li>.*?<\/li>/gs) ?? []).map((row) =>
    row
      .replaceAll(/<button.*?<\/button>/gs, '[End]')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\d+ \w+ \d{4} at \d\d:\d\d UTC/g, '(time)')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
}

describeOnBothEngines('My access', (open) => {
  it('says what a person may reach, where they are signed in, and what goes on without them', async () => {
    const stage = await startOpenIdStage(await open())
    const browser = await stage.browser('ann')
    expect(await rowsOf(browser)).toEqual([
      'Wiki &amp; Co · Service Not signed in',
      'App · Service Not signed in',
      'Shop · Protected site Not signed in',
    ])
    await (await stage.party()).signIn(browser)
    await stage.store.write((ctx) =>
      startSession(ctx, stage.deps, {
        userId: idOf('ann'),
        kind: forwardKind(shopHost),
        factors: ['password'],
      }),
    )
    const elsewhere = await stage.browser('ann')
    await (await stage.party('spa')).signIn(elsewhere, offline)
    await endSession(stage.deps, elsewhere.sessionId)
    expect(await rowsOf(browser)).toEqual([
      'Wiki &amp; Co · Service Signed in since (time) [End]',
      'App · Service Not signed in May act for you also while you are away, until (time) [End]',
      'Shop · Protected site Signed in since (time)',
    ])
    await stage.store.write((ctx) => removeMembers(ctx, 'vpn', [idOf('ann')]))
    expect(await rowsOf(browser)).toEqual([
      'Wiki &amp; Co · Service Signed in since (time) No rule lets you reach it any more [End]',
      'App · Service Not signed in May act for you also while you are away, until (time) No rule lets you reach it any more [End]',
      'Shop · Protected site Signed in since (time) No rule lets you reach it any more',
    ])
    const bob = await stage.browser('bob')
    expect((await bob.visit('/access')).text).toContain('Nothing yet: no rule names you.')
  })

  it('ends a service: its tokens are refused, it is told, and the sign-in here goes on', async () => {
    const listener = await startLogoutListener()
    const stage = await startOpenIdStage(await open(), { backchannelLogoutUri: listener.url })
    const [wiki, spa] = [await stage.party(), await stage.party('spa')]
    const browser = await stage.browser('ann')
    const there = await wiki.signIn(browser, offline)
    const other = await spa.signIn(browser)
    const end = (who: Browser) => who.visit('/access/services/end', { form: { id: 'wiki' } })
    // Somebody else ends nothing of hers, and whoever is not signed in nothing at all.
    await end(await stage.browser('bob'))
    expect((await end(await stage.browser())).headers['location']).toBe('/sign-in')
    const { tokens } = there
    expect((await client.tokenIntrospection(wiki.config, tokens.access_token)).active).toBe(true)
    await end(browser)
    expect(await errorOf(client.refreshTokenGrant(wiki.config, tokens.refresh_token ?? ''))).toBe(
      'invalid_grant',
    )
    expect(await errorOf(client.fetchUserInfo(wiki.config, tokens.access_token, idOf('ann')))).toBe(
      'invalid_token',
    )
    await stage.runner.runAllDue()
    expect(listener.arrived).toHaveLength(1)
    await client.fetchUserInfo(spa.config, other.tokens.access_token, idOf('ann'))
    expect(await rowsOf(browser)).toContain('Wiki &amp; Co · Service Not signed in')
    const again = await wiki.signIn(browser, { prompt: 'none' })
    expect(again.tokens.claims()?.['sid']).not.toBe(tokens.claims()?.['sid'])
    const ended = (await auditTrail(stage.store)).filter(({ kind }) => kind === 'relying_party_ended')
    expect(ended).toEqual([
      {
        kind: 'relying_party_ended',
        actor: `local:${idOf('ann')}`,
        facts: { userId: idOf('ann'), clientId: 'wiki' },
      },
    ])
  })
})

it('a form of another site ends nothing', async () => {
  const stage = await startOpenIdStage(await openStore('sqlite::memory:'))
  const browser = await stage.browser('ann')
  await (await stage.party()).signIn(browser)
  const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const refused = await browser.visit('/access/services/end', { form: { id: 'wiki' }, headers })
  expect(refused.status).toBe(403)
  expect((await rowsOf(browser))[0]).toContain('[End]')
})
