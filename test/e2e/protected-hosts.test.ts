import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { packageReport, proxyPackages } from '#src/sandbox/packages.ts'
import { ids } from '#test/helpers/bot.ts'
import { chromiumPath, leave } from '#test/helpers/chromium.ts'
import { startStage } from '#test/helpers/local-stage.ts'
import { own, startEcho, startNginx, wiki } from '#test/helpers/protected-hosts.ts'

const { missing } = await packageReport([...proxyPackages])
const ann = 'ann@corp.example'
const password = 'violet tractor under ice'

it.skipIf(missing.length > 0 || chromiumPath === undefined)(
  'Somebody who was added in Slack enrolls with a passkey, reaches a page behind nginx once a rule in Slack says so, and is out at the next request after Disable',
  { timeout: 240_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-e2e-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await using stage = await startStage({
      web: {
        ...{ public_url: `https://${own}`, secret: 'w'.repeat(32), port: 0 },
        trusted_proxies: ['127.0.0.1/32'],
      },
      access: { hosts: [{ host: wiki, name: 'Wiki' }] },
    })
    const { bot, smtp, add, says, now } = stage
    await using app = await startEcho()
    await using nginx = await startNginx(folder, { web: bot.app.webPort() ?? 0, app: app.port })
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

    await (await add(ann)).close()
    const mail = await bot.until('the mail', () => smtp.arrived[0])
    await page.goto(/https:\/\/\S+/.exec(mail.mail.text ?? '')?.[0] ?? '')
    await page.getByLabel('New password').fill(password)
    await page.getByLabel('The same password again').fill(password)
    await leave(page, page.getByRole('button', { name: 'Set the password' }))

    await page.goto(`https://${wiki}/page`)
    expect(place()).toBe(`${own}/sign-in`)
    await page.getByLabel('E-mail address').fill(ann)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'No access' }).waitFor()

    await page.goto(`https://${own}/access`)
    await leave(page, page.getByRole('link', { name: 'Add a passkey' }))
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('Your recovery codes').first().waitFor()
    await page.context().clearCookies()

    await bot.abel.command(ids.channel, '/local-groups')
    await says('*All local users* · 1 member')
    await now().press('Access rules')
    await says('Where no rule names anybody, nobody enters.')
    await now().press('Add a rule')
    await says('May reach')
    await now().fill('resource', `host:${wiki}`)
    await now().fill('who', ann)
    await now().submit()
    await says('The rule was added.')

    await page.goto(`https://${wiki}/page`)
    await page.getByLabel('E-mail address').fill(ann)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await page.waitForURL(`https://${wiki}/page`)
    expect(await page.locator('body').textContent()).toContain(`"x-auth-email":"${ann}"`)

    const id = await bot.ask(bot.rita, `/disable-user ${ann}`)
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await page.goto(`https://${wiki}/page`)
    expect(place()).toBe(`${own}/sign-in`)
  },
)
