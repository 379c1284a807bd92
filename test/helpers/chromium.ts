import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'

/** Where distributions put Chromium; undefined where there is none. */
export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
)

/** Starts the system's Chromium without a window. */
export async function startChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('there is no Chromium on this machine')
  return await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
}

/** Clicks what leads to another page, and waits until that one is there. */
export async function leave(page: Page, by: Locator): Promise<void> {
  await Promise.all([page.waitForEvent('load'), by.click()])
}

/** What axe finds wrong with the page for people who hear it or use its keys, by all rules of WCAG 2.2 A and AA. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found: unknown = await page.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`)
  return Array.isArray(found) ? found.map(String) : ['axe said nothing']
}
