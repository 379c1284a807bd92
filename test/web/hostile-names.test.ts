import { Secret as OtpSecret, TOTP } from 'otpauth'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { addUser } from '#src/local-users/add.ts'
import { addGroup } from '#src/local-users/groups.ts'
import { changeMembers } from '#src/local-users/members.ts'
import { startSession } from '#src/sign-in/session.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { startOpenIdStage } from '#test/helpers/openid.ts'
import { ask, startWebStage } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const ann = 'ann@corp.example'
const site = 'wiki.example.net'
// Ends attributes of both kinds and turns what follows around, in the 60 characters of the shortest field.
const hostile = `'"></bdi><script>x()</script><img src=x onerror=x()>\u{202E}&lt;`
const escaped = hostile
  .replaceAll('&', '&amp;')
  .replaceAll('<', '&lt;')
  .replaceAll('>', '&gt;')
  .replaceAll('"', '&quot;')
  .replaceAll("'", '&#39;')
const isolated = `<bdi>${escaped}</bdi>`
const inLabel = new RegExp(
  `aria-label="[^"<>]*${escaped.replaceAll('.', '\\.').replaceAll(/[()]/g, '\\$&')}"`,
)
const inValue = `value="${escaped}"`

/** Says that the text is on the page as text: isolated, or inside of a quoted attribute, and nowhere else. */
function checkText(text: string, ...places: readonly (string | RegExp)[]): void {
  for (const place of places) expect(text).toMatch(place)
  expect(text).not.toContain(hostile)
  expect(text).not.toMatch(/<script>|<img/)
  expect(text.replaceAll(isolated, '').replaceAll(/="[^"]*"/g, '')).not.toContain('onerror')
}

async function stage() {
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  const resources = [
    { kind: 'host', id: site, name: hostile },
    { kind: 'client', id: 'wiki', name: hostile },
  ] as const
  const all = await startWebStage(store, {
    web: { trustedProxies: ['127.0.0.1/32'] },
    access: { resources, rules: [{ to: resources, who: [{ kind: 'group', name: hostile }] }] },
  })
  const userId = await all.enrolled(ann, right)
  const me = all.visitor()
  await me.visit('/sign-in', { form: { email: ann, password: right } })
  /** What a proxy is told about somebody with this session at the protected host. */
  const check = (token: string) =>
    ask(all.port, '/forward-auth', {
      headers: {
        ...{ 'x-forwarded-host': site, 'x-forwarded-uri': '/', 'x-forwarded-method': 'GET' },
        ...{ host: site, accept: 'text/html', cookie: `__Host-drawbridge-access=${token}` },
      },
    })
  const ticket = `/forward-auth/ticket?to=${encodeURIComponent(`https://${site}/`)}&browser=${'x'.repeat(43)}`
  return { ...all, userId, me, check, ticket }
}

describe('A name that somebody chose with ill will', () => {
  it('of a second factor is text in each page that shows it', async () => {
    const { deps, me } = await stage()
    const { text } = await me.visit('/access/app')
    const typed = /class="secret"[^>]*>([A-Z2-7 ]+)</.exec(text)?.[1] ?? ''
    const set_up = /name="set_up"[^>]*value="([^"]*)"/.exec(text)?.[1] ?? ''
    const form = { set_up, name: hostile }
    checkText((await me.visit('/access/app', { form: { ...form, code: '000000' } })).text, inValue)
    const app = new TOTP({ secret: OtpSecret.fromBase32(typed.replaceAll(' ', '')) })
    const code = app.generate({ timestamp: deps.clock.now().getTime() })
    expect((await me.visit('/access/app', { form: { ...form, code } })).status).toBe(200)
    const mine = (await me.visit('/access')).text
    checkText(mine, isolated, inLabel)
    const path = /href="(\/access\/factor\/[\w-]+)"/.exec(mine)?.[1] ?? ''
    checkText((await me.visit(path)).text, isolated, inValue)
    const refused = await me.visit(`${path}/name`, { form: { name: hostile.repeat(2) } })
    expect(refused.status).toBe(422)
    checkText(refused.text, isolated)
  })

  it('of a protected host, a service, a sign-in or a group is text in each page that shows it', async () => {
    const { deps, userId, me, check, ticket } = await stage()
    const session = { userId, kind: `forward:${site}`, factors: [], label: hostile }
    const { token } = await deps.store.write((ctx) => startSession(ctx, deps, session))
    const refused = await check(token.reveal())
    expect(refused.status).toBe(403)
    checkText(refused.text, isolated, ann)
    const noTicket = await me.visit(ticket)
    expect(noTicket.status).toBe(403)
    checkText(noTicket.text, isolated, ann)

    const group = await addGroup(deps, lou, { name: hostile, description: hostile })
    await changeMembers(deps, lou, group, { add: [userId], remove: [] })
    const passed = await check(token.reveal())
    expect(passed.status).toBe(204)
    const told = String(passed.headers['x-auth-groups'])
    expect(told).toMatch(/^[ -~]+$/)
    expect(decodeURIComponent(told)).toBe(hostile)
    const { text } = await me.visit('/access')
    checkText(text, isolated, inLabel, `href="https://${site}/"`)
    // The site and the service, and the sign-in further up.
    expect(text.split(isolated)).toHaveLength(4)
  })

  it('of a person’s description is on no page of theirs', async () => {
    const { deps, mailedPath, visitor } = await stage()
    await addUser(deps, lou, { email: 'bob@corp.example', description: hostile })
    const path = await mailedPath()
    const form = { password: right, again: right }
    const bob = visitor()
    const seen = [await bob.visit(path), await bob.visit(path, { form }), await bob.visit(path)]
    await bob.visit('/sign-in', { form: { email: 'bob@corp.example', password: right } })
    seen.push(await bob.visit('/access'))
    for (const { text } of seen) expect(text).not.toContain('onerror')
    expect(seen.at(-1)?.text).toContain('bob@corp.example')
  })

  it('of an OpenID client is text where it may not be reached, where it ends, and among the services', async () => {
    const store = await openStore('sqlite::memory:')
    onTestFinished(() => store.close())
    const { browser, party } = await startOpenIdStage(store, { name: hostile })
    const { request, signIn } = await party()
    const bob = await browser('bob')
    const refused = await bob.follow((await request()).path)
    expect(refused.status).toBe(403)
    checkText(refused.text, isolated, 'bob@corp.example')
    const me = await browser('ann')
    const { tokens } = await signIn(me)
    checkText((await me.visit('/access')).text, isolated, inLabel)
    checkText((await me.follow(`/oidc/sign-out?id_token_hint=${tokens.id_token}`)).text, isolated)
  })
})
