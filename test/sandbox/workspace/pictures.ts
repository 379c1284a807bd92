import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { argv } from 'node:process'
import type { Page } from 'playwright-core'
import { startSandbox } from '#src/sandbox/workspace/start.ts'
import { startChromium } from '#test/helpers/chromium.ts'
import { windowOf, write } from '#test/sandbox/workspace/browser.ts'

// Plays the scene in the sandbox's page and takes pictures of it: wide and narrow, light and dark.
const folder = argv[2] ?? 'pictures'
await mkdir(folder, { recursive: true })
const installed = { withSlapd: argv.includes('--all'), withSamba: argv.includes('--all') }
await using sandbox = await startSandbox({ installed, port: 0, signal: AbortSignal.timeout(600_000) })
await using chromium = await startChromium()
const context = await chromium.newContext({ deviceScaleFactor: 1.25 })

async function open(path: string): Promise<Page> {
  const page = await context.newPage()
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(new URL(path, sandbox.url).href)
  return page
}

async function picture(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [1280, 800],
    [390, 800],
  ] as const)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) })
    }
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.emulateMedia({ colorScheme: 'light' })
}

/** The same picture in a third of the bytes. */
async function webp(png: Buffer): Promise<Buffer> {
  const page = await context.newPage()
  const made: unknown = await page.evaluate(`(async () => {
    const image = Object.assign(new Image(), { src: 'data:image/png;base64,${png.toString('base64')}' })
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
    canvas.getContext('2d').drawImage(image, 0, 0)
    return canvas.toDataURL('image/webp', 0.9)
  })()`)
  await page.close()
  return Buffer.from(String(made).replace('data:image/webp;base64,', ''), 'base64')
}

const rita = await open('/as/rita')
const start = await open('/')
await picture(start, 'start')
await start.close()
await rita.locator('#composer').pressSequentially('/')
await picture(rita, 'commands')
await write(rita, '/disable-user alice@corp.example Token theft, case 4711')
const form = await windowOf(rita, 'Disable User Account')
await form.getByText('found in').waitFor()
await picture(rita, 'window')
await form.getByRole('button', { name: 'Create' }).click()
const ana = await open('/as/ana')
const task = ana.locator('#log article', { hasText: 'Alice Nguyen' })
await task.getByRole('button', { name: 'Approve' }).waitFor()
await picture(ana, 'pending')
await task.getByRole('button', { name: 'Approve' }).click()
const decision = await windowOf(ana, 'Approve')
await decision.getByLabel('Note').fill('seen the sign-ins, go')
await decision.getByRole('button', { name: 'Approve' }).click()
await task.getByText('— Successful').waitFor()
await rita.locator('#log .spoken', { hasText: 'Alice Nguyen' }).getByRole('link', { name: /repl/u }).click()
await rita.locator('#thread').getByText('✅').waitFor()
await rita.locator('.sidebar [aria-current] .mark').waitFor({ state: 'detached' })
await rita
  .locator('#log .spoken', { hasText: 'Alice Nguyen' })
  .locator('.mark')
  .waitFor({ state: 'detached' })
await picture(rita, 'thread')
await writeFile(join(folder, 'sandbox.webp'), await webp(await rita.screenshot()))
const outside = await open('/as/rita/outside')
await outside.getByRole('button', { name: 'Try her password now' }).click()
await outside.locator('[data-answer=refused]').first().waitFor()
await outside.getByRole('button', { name: 'Enable Alice past Drawbridge: okta' }).click()
await picture(outside, 'outside')
await outside.close()
await ana.close()
const olga = await open('/as/olga/home')
await picture(olga, 'home')
await olga.goto(new URL('/as/olga/mailbox', sandbox.url).href)
await picture(olga, 'mailbox')
await olga.goto(new URL('/as/olga/local-users', sandbox.url).href)
await write(olga, '/local-users')
await windowOf(olga, 'Local users')
await picture(olga, 'local-users')
