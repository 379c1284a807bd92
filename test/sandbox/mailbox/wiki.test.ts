import { generateKeyPair, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { startSandbox } from '#test/sandbox/mailbox/stage.ts'

it('the wiki takes neither a way in that nobody began, nor an end that Drawbridge did not sign', async () => {
  await using sandbox = await startSandbox()
  const { wikiUrl, signInUrl } = sandbox.local
  const stranger = await fetch(`${wikiUrl}/callback?code=x&state=y&iss=${signInUrl}`)
  expect([stranger.status, await stranger.text()]).toEqual([
    400,
    expect.stringContaining('Please sign in again'),
  ])

  const { privateKey } = await generateKeyPair('RS256')
  const forged = await new SignJWT({
    sid: 'x',
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt' })
    .setIssuer(signInUrl)
    .setAudience('wiki')
    .setIssuedAt()
    .sign(privateKey)
  for (const token of [forged, 'nonsense', '']) {
    const body = new URLSearchParams({ logout_token: token })
    expect((await fetch(`${wikiUrl}/backchannel`, { method: 'POST', body })).status).toBe(400)
  }
}, 60_000)

it('the wiki signs nobody out for another site', async () => {
  await using sandbox = await startSandbox()
  const headers = { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await fetch(`${sandbox.local.wikiUrl}/sign-out`, {
    method: 'POST',
    headers,
    redirect: 'manual',
  })
  expect(answer.status).toBe(403)
}, 60_000)
