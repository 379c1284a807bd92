import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { packageReport, relyingPartyPackages } from '#src/sandbox/packages.ts'
import { chooseApache, startApache } from '#test/helpers/apache.ts'
import { idOf, issuer, startOpenIdStage, wikiSecret } from '#test/helpers/openid.ts'
import { createVisitor } from '#test/helpers/web.ts'

const { missing } = await packageReport(relyingPartyPackages)

// The test run says why when there is no Apache.
describe.skipIf(missing.length > 0)('Apache with mod_auth_openidc', () => {
  const stack = new AsyncDisposableStack()
  let provider = 0
  let apache: Awaited<ReturnType<typeof chooseApache>>
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-apache-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    apache = await chooseApache()
    const options = { issuer, clientSecret: wikiSecret, port: () => provider }
    stack.use(await startApache(folder, apache, options))
  })
  afterAll(() => stack.disposeAsync())

  const enter = async () => {
    const store = await openStore('sqlite::memory:')
    onTestFinished(() => store.close())
    const stage = await startOpenIdStage(store, {
      redirectUris: [apache.redirectUri],
      backchannelLogoutUri: apache.backchannelLogoutUri,
    })
    provider = stage.port
    const browser = await stage.browser('ann')
    const there = createVisitor(apache.port, apache.origin, { accept: 'text/html' })
    const open = async (path: string) => {
      const first = await there.visit(path)
      if (first.status !== 302) return first
      const to = new URL(String(first.headers['location']))
      const { away } = await browser.follow(`${to.pathname}${to.search}`)
      const back = await there.visit(`${away?.pathname}${away?.search}`)
      return await there.visit(new URL(String(back.headers['location'])).pathname)
    }
    return { stage, there, open }
  }

  it('lets in who is in the group that it requires, and nobody else', async () => {
    const { open } = await enter()
    const page = await open('/index.html')
    expect([page.status, page.text]).toEqual([200, 'the wiki'])
    expect((await open('/staff')).status).toBe(401)
  })

  it('hears of it when somebody is disabled: the next request is sent to sign in again', async () => {
    const { stage, there, open } = await enter()
    expect((await open('/index.html')).status).toBe(200)
    expect((await there.visit('/index.html')).status).toBe(200)
    await createLocalDirectory(stage.deps).disable(idOf('ann'))
    await stage.runner.runAllDue()
    const after = await there.visit('/index.html')
    expect([after.status, after.headers['location']]).toEqual([
      302,
      expect.stringContaining(`${issuer}/oidc/authorize`),
    ])
  })
})
