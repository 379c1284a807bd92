import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { cast } from '#src/sandbox/stage.ts'
import { chromiumPath, leave, startChromium } from '#test/helpers/chromium.ts'
import { complaintsOf, lookAt } from '#test/helpers/look.ts'
import { startSandbox } from '#test/sandbox/mailbox/stage.ts'

const ann = 'änn@partner.example'
const password = 'violet tractor under ice'

let chromium: Browser
beforeAll(async () => {
  if (chromiumPath !== undefined) chromium = await startChromium()
})
afterAll(() => chromium.close())

async function openBrowser() {
  const context = await chromium.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const press = (name: string) => leave(page, page.getByRole('button', { name }))
  const follow = (name: string) => leave(page, page.getByRole('link', { name }).first())
  const heading = (name: string) => page.getByRole('heading', { name, level: 1 }).waitFor()
  return { page, press, follow, heading, complaints: complaintsOf(page) }
}

describe.skipIf(chromiumPath === undefined)('Local users in the sandbox', { timeout: 240_000 }, () => {
  it('are added, enroll by mail, sign in at the wiki, and are signed out there once disabled in Slack', async () => {
    await using sandbox = await startSandbox()
    const { local, list, says } = sandbox
    const { page, press, follow, heading, complaints } = await openBrowser()

    await (await list()).press('Add a local user')
    const form = await says('A link to enroll goes to this address.')
    await form.fill('email', ann)
    await form.submit()
    await says(`\`${ann}\` was added.`)

    await page.setContent(await sandbox.mailTo(ann))
    await follow('Set up my sign-in')
    await page.getByLabel('New password').fill(password)
    await page.getByLabel('The same password again').fill(password)
    await press('Set the password')
    await heading('You are set up')

    await page.goto(local.wikiUrl)
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

    const row = await list(ann)
    await row.press(menuIn(row, 'local_user_menu'), { option: 'Disable' })
    await heading('You are signed out')
    expect(await page.innerText('main')).toContain(`the sign-in of ${ann} has ended`)
    await lookAt(page, 'wiki-ended')
    await follow('Sign in with Drawbridge')
    await heading('Sign in')
    await page.goto(`${local.signInUrl}/access`)
    await heading('Sign in')
    expect(complaints).toEqual([])
  })
})

type Sandbox = Awaited<ReturnType<typeof startSandbox>>

async function putIntoWiki({ olga, says }: Sandbox, address: string): Promise<void> {
  await olga.command(cast.localUsersChannel, '/local-groups')
  await (await says('*All local users* · 1 member')).press('Add a group')
  const group = await says('== Add a group ==')
  await group.fill('name', 'Wiki')
  await group.submit()
  const groups = await says('*Wiki* · 0 members')
  await groups.press(menuIn(groups, 'local_group_menu'), { option: 'Members …' })
  const members = await says('Nobody is in it yet.')
  await members.fill('add', address)
  await members.submit()
  await says('*Wiki* · 1 member')
}

/** The first of these menus in a window. */
function menuIn(window: Awaited<ReturnType<Sandbox['says']>>, name: string): string {
  return new RegExp(`${name}:[\\w-]+`).exec(JSON.stringify(window.view().content))?.[0] ?? 'no menu'
}
