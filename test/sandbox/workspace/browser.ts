import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { complaintsOf } from '#test/helpers/look.ts'

/** Opens pages of people in tabs of one browser; all close with the test. */
export async function tabs(chromium: Browser, url: string) {
  const context: BrowserContext = await chromium.newContext({ viewport: { width: 1280, height: 900 } })
  onTestFinished(() => context.close())
  const complaints: (readonly string[])[] = []
  return {
    open: async (path: string): Promise<Page> => {
      const page = await context.newPage()
      page.setDefaultTimeout(20_000)
      complaints.push(complaintsOf(page))
      await page.goto(new URL(path, url).href)
      return page
    },
    /** What browsers found wrong with the pages. */
    complaints: () => complaints.flat(),
  }
}

/** Types into the composer of the channel and sends it. */
export async function write(page: Page, line: string): Promise<void> {
  const composer = page.locator('#composer')
  await composer.fill(line)
  await composer.press('Enter')
}

/** The open window, once its title is this. */
export async function windowOf(page: Page, title: string) {
  const window = page.getByRole('dialog', { name: title })
  await window.waitFor()
  return window
}
