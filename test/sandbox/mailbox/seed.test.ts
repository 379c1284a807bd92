import { expect, it, onTestFinished } from 'vitest'
import { localPassword, sampleCsv } from '#src/sandbox/mailbox/people.ts'
import { seedLocalUsers } from '#src/sandbox/mailbox/seed.ts'
import { cast } from '#src/sandbox/stage.ts'
import { chromiumPath, leave, startChromium } from '#test/helpers/chromium.ts'
import { startSandbox } from '#test/sandbox/mailbox/stage.ts'

async function seeded() {
  const sandbox = await startSandbox()
  onTestFinished(() => sandbox[Symbol.asyncDispose]())
  await seedLocalUsers({ slack: sandbox.slack, mailbox: sandbox.local.mailbox })
  return sandbox
}

it('people in all states of enrollment are there from the beginning, and nothing lies open', async () => {
  const { slack, list } = await seeded()
  for (const { id } of slack.users()) expect(slack.as(id).modals()).toEqual([])
  const read = (await list()).read()
  for (const line of [
    /● \*mara@partner\.example\* · Enrolled · Contractors, Wiki/,
    /● \*ines@partner\.example\* · Enrolled · Contractors/,
    /● \*jörg@bücher\.example\* · Waiting for enrollment/,
    /● \*sam@partner\.example\* · Waiting for enrollment · Wiki/,
    /○ \*pia@partner\.example\* · Link expired · disabled/,
  ])
    expect(read).toMatch(line)
  expect(slack.renderThread(cast.localUsersChannel)).toContain('✅ 6 imported.')
  expect(slack.renderThread(cast.channel)).toContain('— Successful')
  expect(slack.complaints).toEqual([])
}, 120_000)

it('the sample file has rows that will do and rows that will not', async () => {
  const { list, says } = await seeded()
  await (await list()).press('Import CSV')
  const form = await says('Nothing is imported before')
  await form.attach('file', [{ name: 'people.csv', content: sampleCsv }])
  await form.submit()
  const shown = (await says('*4* new')).read()
  expect(shown).toContain('*1* already there')
  expect(shown).toContain('*3* can’t be imported (lines 5, 7, 8)')
  expect(shown).toContain('`Help desk`')
}, 120_000)

it.skipIf(chromiumPath === undefined)(
  'at the wiki one signs in with the password of all, and signs out of Drawbridge too',
  async () => {
    const { local } = await seeded()
    const chromium = await startChromium()
    onTestFinished(() => chromium.close())
    const page = await chromium.newPage()
    const press = (name: string) => leave(page, page.getByRole('button', { name }))
    const signIn = async (address: string) => {
      await page.goto(`${local.wikiUrl}/sign-in`)
      await page.getByLabel('E-mail address').fill(address)
      await page.getByLabel('Password', { exact: true }).fill(localPassword)
      await press('Sign in')
    }
    /** What the page says, once these words stand there. */
    const mainWith = async (words: string) => await page.locator('main', { hasText: words }).innerText()
    await signIn('mara@partner.example')
    expect(await mainWith('Your groups')).toContain('mara@partner.example. Your groups: Contractors, Wiki.')
    await press('Sign out')
    await press('Sign out')
    expect(await mainWith('You are not signed in.')).toContain('Sign in with Drawbridge')
    await signIn('ines@partner.example')
    expect(await mainWith('No rule lets you reach')).toContain('ines@partner.example')
  },
  120_000,
)
