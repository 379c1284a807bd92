import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts, startServerProcess } from '#src/sandbox/directories/server-process.ts'
import { handOn, startTlsFront } from '#test/helpers/tls-front.ts'

const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'dir', 'auth_openidc']

/** The provider as Apache knows it: under its public name for browsers, on `port` for Apache's own questions. */
export interface ApacheOptions {
  readonly issuer: string
  readonly clientSecret: string
  readonly port: () => number
}

/** A relying party's addresses, before it runs: the provider's configuration names them. */
export async function chooseApache() {
  const [port = 0] = await freePorts(1)
  const origin = `http://127.0.0.1:${port}`
  return {
    port,
    origin,
    redirectUri: `${origin}/callback`,
    backchannelLogoutUri: `${origin}/callback?logout=backchannel`,
  }
}

/**
 * Apache with mod_auth_openidc as client `wiki` before a page that only `vpn` may see, and `/staff` for `staff`. The
 * folder is opened to the account that Apache takes.
 */
export async function startApache(
  folder: string,
  { port }: { readonly port: number },
  options: ApacheOptions,
): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
  await using stack = new AsyncDisposableStack()
  // Apache's own questions come under our public name, over TLS.
  const front = stack.use(await startTlsFront(folder, [], handOn(options.port, new URL(options.issuer).host)))
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
OIDCProviderIssuer ${options.issuer}
OIDCProviderAuthorizationEndpoint ${options.issuer}/oidc/authorize
OIDCProviderTokenEndpoint https://127.0.0.1:${front.port}/oidc/token
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCProviderUserInfoEndpoint https://127.0.0.1:${front.port}/oidc/userinfo
OIDCProviderJwksUri https://127.0.0.1:${front.port}/oidc/jwks
OIDCCABundlePath ${front.caFile}
OIDCClientID wiki
OIDCClientSecret ${options.clientSecret}
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
  stack.use(
    await startServerProcess({
      program: '/usr/sbin/apache2',
      args: ['-DFOREGROUND', '-f', file],
      ready: { host: '127.0.0.1', ports: [port] },
    }),
  )
  return stack.move()
}
