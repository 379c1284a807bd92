import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { accessibilityFaults } from '#test/helpers/chromium.ts'

// Where pictures of all pages go, for people to look at; none are made without it.
const pictures = process.env['DRAWBRIDGE_PICTURES']

/** What a page says that is wrong with it: errors of scripts, and what the console calls errors. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (line) => {
    const isAnswer = line.text().startsWith('Failed to load resource')
    if (line.type() === 'error' && !isAnswer) complaints.push(line.text())
  })
  return complaints
}

/**
 * Looks at the page that is open: it fits in narrow and wide windows, light and dark, in both directions, and axe finds
 * nothing. Without scripts only pictures are made.
 */
export async function lookAt(page: Page, name: string, hasScripts = true): Promise<void> {
  const faults: string[] = []
  const keep = async (variant: string) => {
    if (pictures === undefined) return
    await mkdir(pictures, { recursive: true })
    await page.screenshot({ path: join(pictures, `${name}-${variant}.png`), fullPage: true })
  }
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [1280, 'dark'],
    [320, 'light'],
    [320, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    if (hasScripts)
      faults.push(...(await accessibilityFaults(page)).map((fault) => `${width} ${colorScheme} ${fault}`))
    await keep(`${width}-${colorScheme}`)
  }
  expect(faults, name).toEqual([])
  if (!hasScripts) return
  for (const dir of ['rtl', 'ltr']) {
    await page.evaluate(`document.documentElement.dir = '${dir}'`)
    const widest = await page.evaluate('document.documentElement.scrollWidth')
    expect(widest, `${name} ${dir} fits into 320 points`).toBeLessThanOrEqual(320)
    if (dir === 'rtl') await keep('320-rtl')
  }
  await page.setViewportSize({ width: 1280, height: 900 })
}
