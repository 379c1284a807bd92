import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { packageReport, proxyPackages, relyingPartyPackages } from '#src/sandbox/packages.ts'
import { chooseApache, startApache } from '#test/helpers/apache.ts'
import { ids } from '#test/helpers/bot.ts'
import { chromiumPath, leave } from '#test/helpers/chromium.ts'
import { startStage } from '#test/helpers/local-stage.ts'
import { own, startEcho, startNginx, wiki } from '#test/helpers/protected-hosts.ts'

const { missing } = await packageReport([...proxyPackages, ...relyingPartyPackages])
const ann = 'ann@corp.example'
const password = 'violet tractor under ice'
const clientSecret = 'k'.repeat(40)

it.skipIf(missing.length > 0 || chromiumPath === undefined)(
  'Somebody who was added in Slack enrolls with a passkey, reaches pages behind nginx and Apache once rules in Slack say so, and is out of both after Disable',
  { timeout: 240_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-e2e-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    // Apache reads its part under an account of its own.
    await chmod(folder, 0o755)
    const there = await chooseApache()
    const client = {
      ...{ id: 'wiki', name: 'Handbook', secret: clientSecret },
      redirect_uris: [there.redirectUri],
      backchannel_logout_uri: there.backchannelLogoutUri,
    }
    await using stage = await startStage({
      web: {
        ...{ public_url: `https://${own}`, secret: 'w'.repeat(32), port: 0 },
        trusted_proxies: ['127.0.0.1/32'],
      },
      access: { hosts: [{ host: wiki, name: 'Wiki' }] },
      openid: { clients: [client] },
    })
    const { bot, smtp, add, says, now } = stage
    await using app = await startEcho()
    const webPort = () => bot.app.webPort() ?? 0
    await using nginx = await startNginx(folder, { web: webPort(), app: app.port })
    await using _apache = await startApache(join(folder, 'apache'), there, {
      ...{ issuer: `https://${own}`, clientSecret, port: webPort },
    })
    const resolved = [own, wiki].map((host) => `MAP ${host.replace(/:.*/, '')} ${nginx.address}`)
    const browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: ['--no-sandbox', '--ignore-certificate-errors', `--host-resolver-rules=${resolved.join(',')}`],
    })
    onTestFinished(() => browser.close())
    const page = await (await browser.newContext()).newPage()
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    })
    const place = () => {
      const { host, pathname } = new URL(page.url())
      return `${host}${pathname}`
    }

    const signIn = async () => {
      await page.getByLabel('E-mail address').fill(ann)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    }

    await (await add(ann)).close()
    const mail = await bot.until('the mail', () => smtp.arrived[0])
    await page.goto(/https:\/\/\S+/.exec(mail.mail.text ?? '')?.[0] ?? '')
    await page.getByLabel('New password').fill(password)
    await page.getByLabel('The same password again').fill(password)
    await leave(page, page.getByRole('button', { name: 'Set the password' }))

    await page.goto(`https://${wiki}/page`)
    expect(place()).toBe(`${own}/sign-in`)
    await signIn()
    await page.getByRole('heading', { name: 'No access' }).waitFor()

    await page.goto(`https://${own}/access`)
    await leave(page, page.getByRole('link', { name: 'Add a passkey' }))
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('Your recovery codes').first().waitFor()
    await page.context().clearCookies()

    // Neither lets anybody in whom no rule names.
    await page.goto(`${there.origin}/index.html`)
    await signIn()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.getByRole('heading', { name: 'No access' }).waitFor()
    await page.context().clearCookies()

    await bot.abel.command(ids.channel, '/local-groups')
    await says('*All local users* · 1 member')
    await now().press('Add a group')
    await says('== Add a group ==')
    await now().fill('name', 'vpn')
    await now().submit()
    await says('*vpn* · 0 members')
    await now().press(
      /local_group_menu:[\w-]+/.exec(JSON.stringify(now().view().content))?.[0] ?? 'no menu',
      {
        option: 'Members …',
      },
    )
    await says('Nobody is in it yet.')
    await now().fill('add', ann)
    await now().submit()
    await says('*vpn* · 1 member')
    await now().press('Access rules')
    await says('Where no rule names anybody, nobody enters.')
    for (const resource of [`host:${wiki}`, 'client:wiki']) {
      await now().press('Add a rule')
      await says('May reach')
      await now().fill('resource', resource)
      await now().fill('who', 'vpn')
      await now().submit()
      await says('The rule was added.')
    }

    await page.goto(`https://${wiki}/page`)
    await signIn()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.waitForURL(`https://${wiki}/page`)
    const body = () => page.locator('body').textContent()
    expect(await body()).toContain(`"x-auth-email":"${ann}"`)
    // The same sign-in serves Apache, which asks for its group itself.
    await page.goto(`${there.origin}/index.html`)
    await page.waitForURL(`${there.origin}/index.html`)
    expect(await body()).toBe('the wiki')
    expect((await page.goto(`${there.origin}/staff`))?.status()).toBe(401)
    expect((await page.goto(`${there.origin}/index.html`))?.status()).toBe(200)

    const id = await bot.ask(bot.rita, `/disable-user ${ann}`)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await page.goto(`https://${wiki}/page`)
    expect(place()).toBe(`${own}/sign-in`)
    // Apache hears of it by a message that comes within seconds, as docs/openid.md says; its own session ends then.
    await bot.until('the end at Apache', async () => {
      const answer = await page.request.get(`${there.origin}/index.html`, { maxRedirects: 0 })
      return answer.status() === 302
    })
    await page.goto(`${there.origin}/index.html`)
    expect(new URL(page.url()).host).toBe(own)
    await page.getByLabel('Password', { exact: true }).waitFor()
  },
)
