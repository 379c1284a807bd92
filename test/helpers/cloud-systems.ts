import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Entra, startEntra } from '#src/sandbox/graph/start.ts'
import { type Okta, startOkta } from '#src/sandbox/okta/start.ts'
import { mustBeAsPublished } from '#test/helpers/vendor-schemas.ts'

/** A tenant and an org of one test, with what a configuration says about them. Throws at its end when either had to complain. */
export interface CloudSystems extends AsyncDisposable {
  readonly entra: Entra
  readonly okta: Okta
  /** Their entries of `iam_systems`. */
  readonly entraSystem: object
  readonly oktaSystem: object
  /** The secrets that the entries name. */
  readonly secrets: Readonly<Record<string, string>>
}

/** Starts both, with nobody in them. */
export async function startCloudSystems(): Promise<CloudSystems> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-clouds-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const [entra, okta] = await Promise.all([startEntra(), startOkta()])
  stack.use(entra)
  stack.defer(() => okta.close())
  const keyFile = join(folder, 'okta-key.pem')
  await writeFile(keyFile, okta.app.privateKeyPem, { mode: 0o600 })
  const owned = stack.move()
  return {
    entra,
    okta,
    entraSystem: {
      ...{ id: 'entra', kind: 'entra', tenant_id: entra.tenantId, client_id: entra.app.clientId },
      ...{ client_secret: '${ENTRA_CLIENT_SECRET}', graph_url: entra.graphUrl },
      authority_url: entra.authorityUrl,
    },
    oktaSystem: {
      ...{ id: 'okta', kind: 'okta', url: okta.url, client_id: okta.app.clientId },
      ...{ key_id: okta.app.keyId, private_key_file: keyFile },
    },
    secrets: { ENTRA_CLIENT_SECRET: entra.app.clientSecret },
    [Symbol.asyncDispose]: async () => {
      await owned.disposeAsync()
      await mustBeAsPublished({ graph: entra, okta })
    },
  }
}
