import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signIns } from '#src/sandbox/estate.ts'
import { sampleCsv } from '#src/sandbox/mailbox/people.ts'
import { cast, castMembers } from '#src/sandbox/stage.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/workspace/start.ts'
import { accessibilityFaults, chromiumPath, startChromium } from '#test/helpers/chromium.ts'
import { tabs, windowOf, write } from '#test/sandbox/workspace/browser.ts'

const installed = { withSlapd: false, withSamba: false }
const patience = { timeout: 120_000 }

describe.skipIf(chromiumPath === undefined)('The sandbox in a browser', patience, () => {
  let chromium: Browser
  let sandbox: Sandbox
  beforeAll(async () => {
    chromium = await startChromium()
    sandbox = await startSandbox({ installed, port: 0, signal: AbortSignal.timeout(600_000) })
  }, 120_000)
  afterAll(async () => {
    await chromium.close()
    await sandbox[Symbol.asyncDispose]()
  }, 60_000)

  // What one test leaves open is not in the way of the next.
  beforeEach(() => {
    for (const { id } of castMembers) sandbox.slack.as(id).reload()
  })

  it('lets two people in two tabs disable Alice, live, and her password no longer works', async () => {
    const { open, complaints } = await tabs(chromium, sandbox.url)
    const rita = await open('/as/rita')
    const ana = await open('/as/ana')
    expect(await rita.locator('.you').textContent()).toContain(
      'You are Rita ResponderResponder: asks for tasks',
    )
    await write(rita, '/disable-user alice@corp.example Token theft, case 4711')
    const form = await windowOf(rita, 'Disable User Account')
    await form.getByText('found in 2 of 3 systems').waitFor()
    await form.getByRole('button', { name: 'Create' }).click()
    await form.waitFor({ state: 'detached' })
    const task = ana.locator('#log article', { hasText: 'Token theft, case 4711' })
    await task.getByRole('button', { name: 'Approve' }).click()
    const decision = await windowOf(ana, 'Approve')
    await decision.getByLabel('Note').fill('seen the sign-ins, go')
    await decision.getByRole('button', { name: 'Approve' }).click()
    for (const page of [rita, ana])
      await page.locator('#log article', { hasText: 'Alice Nguyen' }).getByText('— Successful').waitFor()
    await rita
      .locator('#log .spoken', { hasText: 'Alice Nguyen' })
      .getByRole('link', { name: 'replies' })
      .click()
    const thread = rita.getByRole('complementary', { name: 'Thread' })
    await thread.getByText('seen the sign-ins, go').waitFor()
    await rita.getByRole('link', { name: 'Outside Slack' }).click()
    await rita.getByRole('button', { name: 'Try her password now' }).click()
    await rita.locator('[data-answer=refused]').nth(1).waitFor()
    expect(await signIns(sandbox.estate)).toEqual([
      ['entra', false],
      ['okta', false],
    ])
    await rita.getByRole('button', { name: 'Enable Alice past Drawbridge: okta' }).click()
    await rita.locator('#system\\/okta [data-answer=works]').waitFor()
    await ana.keyboard.press('Escape')
    await decision.waitFor({ state: 'detached' })
    await ana
      .locator('#log .spoken', { hasText: 'Alice Nguyen' })
      .getByRole('link', { name: 'replies' })
      .click()
    // Drawbridge looks again 15 s after the disable.
    const drift = ana.locator('#thread').getByText('enabled again').first()
    await drift.waitFor({ timeout: 60_000 })
    expect(complaints()).toEqual([])
  })

  it('lets one kill the bot and take a system down, says what then happens, and brings both back', async () => {
    const { open } = await tabs(chromium, sandbox.url)
    const [rita, outside] = [await open('/as/rita'), await open('/as/olga/outside')]
    await outside.getByRole('button', { name: 'Kill it' }).click()
    await outside.getByText('Ended with status 137').waitFor()
    await write(rita, '/tasks')
    await rita.locator('#log').getByText('/tasks failed with the error "dispatch_failed"').waitFor()
    await outside.getByRole('button', { name: 'Start it again' }).click()
    await outside.getByText(`Runs as process`).waitFor()
    await sandbox.slack.waitUntil(() => sandbox.slack.sockets.count() >= 2, { timeoutMs: 60_000 })
    await write(rita, '/tasks')
    await rita.getByRole('dialog').getByText('pia@partner.example').first().waitFor()
    await outside.getByRole('button', { name: 'Take it down: entra' }).click()
    await outside.getByRole('button', { name: 'Try her password now' }).click()
    await outside.locator('#system\\/entra [data-answer=no_answer]').waitFor()
    await expect(fetch(sandbox.estate.entra?.graphUrl ?? '')).rejects.toThrow('fetch failed')
    await outside.getByRole('button', { name: 'Bring it back: entra' }).click()
    await outside.getByRole('button', { name: 'Take it down: entra' }).waitFor()
    expect((await fetch(sandbox.estate.entra?.graphUrl ?? '')).status).toBeGreaterThan(0)
  })

  it('keeps half-typed words, the focus and the caret while somebody else writes and the form changes', async () => {
    const { open } = await tabs(chromium, sandbox.url)
    const rita = await open('/as/rita')
    await rita.locator('#composer').fill('half a thou')
    await sandbox.slack.as(cast.approver).say(cast.channel, 'Anybody there?')
    await rita.locator('#log').getByText('Anybody there?').waitFor()
    expect(await rita.locator('#composer').inputValue()).toBe('half a thou')
    await write(rita, '/disable-user bob@corp.example')
    const form = await windowOf(rita, 'Disable User Account')
    await form.getByText('found in').waitFor()
    const description = form.getByLabel('Description')
    await description.pressSequentially('left the')
    await description.press('Home')
    await sandbox.slack.as(cast.approver).say(cast.channel, 'Still nobody?')
    await rita.locator('#log').getByText('Still nobody?').waitFor({ state: 'attached' })
    expect(await description.inputValue()).toBe('left the')
    await description.pressSequentially('who ')
    expect(await description.inputValue()).toBe('who left the')
    await rita.keyboard.press('Escape')
    await form.waitFor({ state: 'detached' })
    expect(await rita.evaluate('document.activeElement.id')).toBe('composer')
  })

  it('shows the sentences under the fields of a form that was refused, by Slack or by Drawbridge', async () => {
    const { open } = await tabs(chromium, sandbox.url)
    const rita = await open('/as/rita')
    await write(rita, '/disable-user')
    const form = await windowOf(rita, 'Disable User Account')
    await form.getByRole('button').last().click()
    await form.getByText('Please complete this required field.').first().waitFor()
    const person = form.locator('[aria-invalid=true]').first()
    expect(await person.getAttribute('aria-describedby')).toContain('/wrong')
    await rita.locator('#window [aria-invalid=true]:focus').waitFor()
    const olga = await open('/as/olga/local-users')
    await write(olga, '/local-users')
    await (await windowOf(olga, 'Local users')).getByRole('button', { name: 'Add' }).click()
    const adding = await windowOf(olga, 'Add a local user')
    await adding.getByLabel('E-mail').fill('nonsense')
    await adding.locator('footer .primary').click()
    await adding.getByText('This is not an e-mail address like name@example.com.').waitFor()
    expect(await adding.getByLabel('E-mail').inputValue()).toBe('nonsense')
  })

  it('uses the shortcuts of a message and of everywhere, and shares files that others can have', async () => {
    const { open } = await tabs(chromium, sandbox.url)
    const [rita, ana] = [await open('/as/rita'), await open('/as/ana')]
    await write(ana, 'Strange sign-ins of bob@corp.example, @rita please look')
    const alert = rita.locator('#log article', { hasText: 'Strange sign-ins' })
    await alert.getByText('@rita').waitFor()
    await alert.getByLabel('What to do with this message').click()
    await alert.getByRole('button', { name: 'Disable user account' }).click()
    await rita.getByRole('dialog').getByText('bob@corp.example').first().waitFor()
    await rita.keyboard.press('Escape')
    await rita.getByRole('dialog').waitFor({ state: 'detached' })
    await rita.getByText('⚡ Shortcuts').click()
    await rita.getByRole('button', { name: 'Disable a user account' }).click()
    await windowOf(rita, 'Disable User Account')
    await ana.locator('#composer\\/file').setInputFiles({
      ...{ name: 'sign-ins.txt', mimeType: 'text/plain' },
      buffer: Buffer.from('03:12 from far away'),
    })
    const file = rita.getByRole('link', { name: 'sign-ins.txt' })
    const address = new URL((await file.getAttribute('href')) ?? '', sandbox.url)
    const got = await fetch(address)
    expect(await got.text()).toBe('03:12 from far away')
    expect(got.headers.get('content-disposition')).toContain('attachment')
  })

  it('offers commands while one types a slash, with what each takes', async () => {
    const { open } = await tabs(chromium, sandbox.url)
    const rita = await open('/as/rita')
    const composer = rita.locator('#composer')
    await composer.pressSequentially('/enab')
    const offer = rita.getByRole('option', { name: '/enable-user' })
    expect(await offer.textContent()).toContain('[e-mail, login or @person] [description]')
    await composer.press('Tab')
    expect(await composer.inputValue()).toBe('/enable-user ')
  })

  it('takes a CSV file in a form, and the mails that come of it are in the mailbox', async () => {
    const { open } = await tabs(chromium, sandbox.url)
    const olga = await open('/as/olga/local-users')
    await write(olga, '/local-users')
    await (await windowOf(olga, 'Local users')).getByRole('button', { name: 'Import CSV' }).click()
    const form = await windowOf(olga, 'Import local users')
    await form.locator('input[type=file]').setInputFiles({
      ...{ name: 'people.csv', mimeType: 'text/csv' },
      buffer: Buffer.from(sampleCsv),
    })
    await form.getByRole('button').last().click()
    await olga.getByRole('dialog').getByText('already there').first().waitFor()
    await olga.getByRole('dialog').locator('footer .primary').click()
    await olga.goto(new URL('/as/olga/mailbox', sandbox.url).href)
    const mail = olga.locator('article', { hasText: 'tom@partner.example' })
    const link = mail.locator('a').first()
    expect(await link.getAttribute('rel')).toContain('noopener')
    expect(await link.getAttribute('href')).toContain(sandbox.local.signInUrl)
  })

  it('shows what people write as text, whatever it is', async () => {
    const { open, complaints } = await tabs(chromium, sandbox.url)
    const rita = await open('/as/rita')
    const hostile = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script> "'&`
    await write(rita, hostile)
    await rita.locator('#log').getByText(hostile).waitFor()
    expect(await rita.locator('#log img, #log script').count()).toBe(0)
    expect(await rita.title()).not.toContain('taken')
    expect(complaints()).toEqual([])
  })

  it('is marked unread for those who were elsewhere, until they come', async () => {
    const { open } = await tabs(chromium, sandbox.url)
    const omar = await open('/as/omar/home')
    await sandbox.slack.as(cast.approver).say(cast.channel, 'Omar, have a look')
    await omar.locator('#to-security .mark').waitFor()
    expect(await omar.title()).toMatch(/^\(\d+\) /u)
    await omar.locator('#to-security').click()
    await omar.locator('#new').waitFor()
    await omar.locator('#to-security .mark').waitFor({ state: 'detached' })
  })

  it('is kind to people who hear it or use its keys', async () => {
    const { open } = await tabs(chromium, sandbox.url)
    const faults: string[] = []
    for (const path of [
      '/',
      '/as/rita',
      '/as/olga/home',
      '/as/olga/outside',
      '/as/olga/mailbox',
      '/as/olga/local-users',
    ]) {
      const page = await open(path)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        faults.push(...(await accessibilityFaults(page)).map((fault) => `${path} ${colorScheme} ${fault}`))
      }
      await page.close()
    }
    const rita = await open('/as/rita')
    await write(rita, '/disable-user alice@corp.example')
    await (await windowOf(rita, 'Disable User Account')).getByText('found in').waitFor()
    faults.push(...(await accessibilityFaults(rita)).map((fault) => `window ${fault}`))
    expect(faults).toEqual([])
  })
})
