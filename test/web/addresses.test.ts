import { expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { freePorts } from '#src/sandbox/directories/server-process.ts'
import { chromiumPath, leave, startChromium } from '#test/helpers/chromium.ts'
import { startWebStage } from '#test/helpers/web.ts'

// What browsers take for an address has Latin letters only before the @; what we do has any (RFC 6531).
it.skipIf(chromiumPath === undefined)(
  'a browser takes addresses in all scripts, at signing in and for a link',
  async () => {
    const store = await openStore('sqlite::memory:')
    onTestFinished(() => store.close())
    const [port = 0] = await freePorts(1)
    const origin = `http://localhost:${port}`
    const { enrolled, smtp, runner } = await startWebStage(store, { web: { publicUrl: origin, port } })
    const browser = await startChromium()
    onTestFinished(() => browser.close())
    const page = await browser.newPage({ baseURL: origin })
    const press = (name: string) => leave(page, page.getByRole('button', { name }))
    for (const address of ['jörg@bücher.example', '用户@例え.example']) {
      await enrolled(address, 'violet tractor under ice')
      await page.goto('/sign-in')
      await page.getByLabel('E-mail address').fill(address)
      await page.getByLabel('Password', { exact: true }).fill('violet tractor under ice')
      await press('Sign in')
      expect(await page.textContent('main')).toContain(address)
      await press('Sign out')
      await page.goto('/forgot')
      await page.getByLabel('E-mail address').fill(address)
      await press('Send me a link')
      await runner.runAllDue()
      expect(smtp.arrived.at(-1)?.mail.subject).toBe('The link you asked for')
    }
  },
  60_000,
)
