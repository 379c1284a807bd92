import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { packageReport, relyingPartyPackages } from '#src/sandbox/packages.ts'
import { freePorts, startServerProcess } from '#src/sandbox/directories/server-process.ts'
import { idOf, issuer, startOpenIdStage, wikiSecret } from '#test/helpers/openid.ts'
import { handOn, startTlsFront } from '#test/helpers/tls-front.ts'
import { createVisitor } from '#test/helpers/web.ts'

const { missing } = await packageReport(relyingPartyPackages)
const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'auth_openidc']

/** Apache with mod_auth_openidc before a page that only `vpn` may see, and one for `staff`. */
async function startApache(
  folder: string,
  front: { readonly port: number; readonly caFile: string },
  port: number,
) {
  const file = join(folder, 'apache.conf')
  const load = modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  await writeFile(join(folder, 'index.html'), 'the wiki')
  await writeFile(
    file,
    `${load.join('\n')}
ServerRoot ${folder}
ServerName 127.0.0.1
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
User www-data
Group www-data
Listen 127.0.0.1:${port}
DocumentRoot ${folder}
OIDCProviderIssuer ${issuer}
OIDCProviderAuthorizationEndpoint ${issuer}/oidc/authorize
OIDCProviderTokenEndpoint https://127.0.0.1:${front.port}/oidc/token
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCProviderUserInfoEndpoint https://127.0.0.1:${front.port}/oidc/userinfo
OIDCProviderJwksUri https://127.0.0.1:${front.port}/oidc/jwks
OIDCCABundlePath ${front.caFile}
OIDCClientID wiki
OIDCClientSecret ${wikiSecret}
OIDCScope "openid email groups"
OIDCPKCEMethod S256
OIDCRedirectURI http://127.0.0.1:${port}/callback
OIDCCryptoPassphrase only-for-this-test
<Location />
  AuthType openid-connect
  Require claim groups:vpn
</Location>
<Location /staff>
  AuthType openid-connect
  Require claim groups:staff
</Location>
`,
  )
  return await startServerProcess({
    program: '/usr/sbin/apache2',
    args: ['-DFOREGROUND', '-f', file],
    ready: { host: '127.0.0.1', ports: [port] },
  })
}

// The test run says why when there is no Apache.
describe.skipIf(missing.length > 0)('Apache with mod_auth_openidc', () => {
  const stack = new AsyncDisposableStack()
  let provider = 0
  let apache = 0
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-apache-'))
    await chmod(folder, 0o755)
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    // Apache's own questions come under our public name, over TLS.
    const front = stack.use(
      await startTlsFront(
        folder,
        [],
        handOn(() => provider, new URL(issuer).host),
      ),
    )
    ;[apache = 0] = await freePorts(1)
    stack.use(await startApache(folder, front, apache))
  })
  afterAll(() => stack.disposeAsync())

  const enter = async () => {
    const store = await openStore('sqlite::memory:')
    onTestFinished(() => store.close())
    const stage = await startOpenIdStage(store, {
      redirectUris: [`http://127.0.0.1:${apache}/callback`],
      backchannelLogoutUri: `http://127.0.0.1:${apache}/callback?logout=backchannel`,
    })
    provider = stage.port
    const browser = await stage.browser('ann')
    const there = createVisitor(apache, `http://127.0.0.1:${apache}`, { accept: 'text/html' })
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
