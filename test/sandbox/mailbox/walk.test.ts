import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { cast } from '#src/sandbox/stage.ts'
import { type Sandbox, startSandbox } from '#src/sandbox/workspace/start.ts'
import { chromiumPath, leave, startChromium } from '#test/helpers/chromium.ts'
import { complaintsOf, lookAt } from '#test/helpers/look.ts'

const ann = 'änn@partner.example'
const password = 'seven green umbrellas sing'
const installed = { withSlapd: false, withSamba: false }

let chromium: Browser
beforeAll(async () => {
  if (chromiumPath !== undefined) chromium = await startChromium()
})
afterAll(() => chromium.close())

describe.skipIf(chromiumPath === undefined)('Local users in the sandbox', { timeout: 240_000 }, () => {
  it('are added, enroll by mail, sign in at the wiki, and are signed out there once disabled in Slack', async () => {
    const signal = AbortSignal.timeout(200_000)
    await using sandbox = await startSandbox({ installed, port: 0, signal })
    const context = await chromium.newContext()
    onTestFinished(() => context.close())
    const olga = await context.newPage()
    const complaints = complaintsOf(olga)
    await olga.goto(`${sandbox.url}as/olga/local-users`)
    await addUser(olga, ann)

    const mail = await mailOf(olga, ann)
    const page = await opened(mail, () => mail.getByRole('link', { name: 'Set up my sign-in' }).click())
    const { press, follow, heading } = handsOn(page)
    await page.getByLabel('New password').fill(password)
    await page.getByLabel('The same password again').fill(password)
    await press('Set the password')
    await heading('You are set up')

    await page.goto(sandbox.local.wikiUrl)
    await lookAt(page, 'wiki-front')
    await follow('Sign in with Drawbridge')
    await page.getByLabel('E-mail address').fill(ann)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press('Sign in')
    await heading('No access')
    await follow('Back to Wiki')
    await heading('You were not let in')
    await lookAt(page, 'wiki-not-let-in')

    await putIntoWiki(sandbox, ann)
    await follow('Sign in with Drawbridge')
    await heading('Welcome to the wiki')
    expect(await page.innerText('main')).toContain(`You are signed in as ${ann}. Your groups: Wiki.`)
    await lookAt(page, 'wiki-inside')

    await disable(olga, ann)
    await heading('You are signed out')
    expect(await page.innerText('main')).toContain(`the sign-in of ${ann} has ended`)
    await lookAt(page, 'wiki-ended')
    await follow('Sign in with Drawbridge')
    await heading('Sign in')
    await page.goto(`${sandbox.local.signInUrl}/access`)
    await heading('Sign in')
    expect(complaints).toEqual([])
  })
})

function handsOn(page: Page) {
  return {
    press: (name: string) => leave(page, page.getByRole('button', { name })),
    follow: (name: string) => leave(page, page.getByRole('link', { name }).first()),
    heading: (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor(),
  }
}

/** The tab that a click opens. */
async function opened(page: Page, click: () => Promise<void>): Promise<Page> {
  const [tab] = await Promise.all([page.context().waitForEvent('page'), click()])
  await tab.waitForLoadState()
  return tab
}

async function type(page: Page, command: string): Promise<void> {
  await page.locator('#composer').fill(command)
  await page.locator('#composer').press('Enter')
}

async function addUser(olga: Page, address: string): Promise<void> {
  await type(olga, '/local-users')
  const window = olga.getByRole('dialog')
  await window.getByRole('button', { name: 'Add a local user' }).click()
  await window.getByLabel('E-mail', { exact: true }).fill(address)
  await window.locator('footer .primary').click()
  await window.getByText('was added. A link to enroll is under way.').waitFor()
  await olga.keyboard.press('Escape')
  await window.waitFor({ state: 'detached' })
}

/** The newest mail to an address, in a tab of its own, as a mail program shows it. */
async function mailOf(olga: Page, address: string): Promise<Page> {
  const mailbox = await olga.context().newPage()
  await mailbox.goto(olga.url().replace('local-users', 'mailbox'))
  const card = mailbox.getByRole('article').filter({ hasText: `To ${address}` })
  return await opened(mailbox, () => card.getByRole('link', { name: 'Show it as a mail program' }).click())
}

async function disable(olga: Page, address: string): Promise<void> {
  await type(olga, `/local-users ${address}`)
  const window = olga.getByRole('dialog')
  await window.getByText('1 to 1 of 1.').waitFor()
  await window.locator('details.menu summary').first().click()
  await window.getByRole('button', { name: 'Disable', exact: true }).click()
  await window.getByText('is disabled, and all its sessions have ended.').waitFor()
}

async function putIntoWiki({ slack }: Sandbox, address: string): Promise<void> {
  const lou = slack.as(cast.localUserAdmin)
  const says = (sentence: string) =>
    slack.waitUntil(() => lou.modals().findLast((one) => one.read().includes(sentence)), {
      what: `a window of Lou that says ${sentence}`,
      timeoutMs: 30_000,
    })
  await lou.command(cast.localUsersChannel, '/local-groups wiki')
  const groups = await says('*Wiki* · 3 members')
  const [menu = ''] = /local_group_menu:[\w-]+/.exec(JSON.stringify(groups.view().content)) ?? []
  await groups.press(menu, { option: 'Members …' })
  const members = await says('mara@partner.example')
  await members.fill('add', address)
  await members.submit()
  await says('*Wiki* · 4 members')
}
