import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
} from '@azure/identity'
import { decodeJwt } from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import { makeAppCertificate } from '#src/sandbox/graph/certificate.ts'
import { startEntra } from '#src/sandbox/graph/start.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

// Microsoft's own library is the judge: it speaks https only and finds the endpoints by itself.
async function startTls() {
  const { certificatePem, privateKeyPem } = await makeAppCertificate({ name: '127.0.0.1' })
  const entra = await startEntra({ tls: { certificatePem, keyPem: privateKeyPem } })
  const options = {
    authorityHost: entra.authorityUrl,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: certificatePem },
  }
  return { entra, options }
}

test("Microsoft's library signs in with a secret", async () => {
  const { entra, options } = await startTls()
  const { clientId, clientSecret } = entra.app
  const credential = new ClientSecretCredential(entra.tenantId, clientId, clientSecret, options)
  const token = await credential.getToken(`${entra.graphUrl}/.default`)
  expect(decodeJwt(token.token)['appid']).toBe(clientId)
  expect(entra.complaints).toEqual([])
  await entra.close()
})

test("Microsoft's library signs in with a certificate, and tells why it was refused", async () => {
  const { entra, options } = await startTls()
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-entra-'))
  const certificatePath = join(folder, 'app.pem')
  const registered = await entra.app.makeCertificate()
  await writeFile(certificatePath, registered.pem)
  const signIn = () =>
    new ClientCertificateCredential(
      entra.tenantId,
      entra.app.clientId,
      { certificatePath },
      options,
    ).getToken(`${entra.graphUrl}/.default`)
  expect(decodeJwt((await signIn()).token)['appidacr']).toBe('2')
  await writeFile(certificatePath, (await makeAppCertificate({})).pem)
  await expect(signIn()).rejects.toThrow(/AADSTS700027/)
  expect(entra.complaints).toEqual([])
  await entra.close()
  await rm(folder, { recursive: true })
})

test("Microsoft's library gets a token from the host, for this application only", async () => {
  const entra = await startEntra()
  const { endpoint, header } = entra.app.managedIdentity
  vi.stubEnv('IDENTITY_ENDPOINT', endpoint)
  vi.stubEnv('IDENTITY_HEADER', header)
  const { clientId } = entra.app
  const ask = async (id: string) =>
    await new ManagedIdentityCredential({ clientId: id, retryOptions: { maxRetries: 0 } }).getToken(
      `${entra.graphUrl}/.default`,
    )
  const token = await ask(clientId)
  expect(decodeJwt(token.token)).toMatchObject({ appid: clientId, oid: entra.app.principalId })
  const response = await fetch(`${entra.graphUrl}/v1.0/users`, {
    headers: { authorization: `Bearer ${token.token}` },
  })
  expect(response.status).toBe(200)
  await expect(ask('11111111-2222-4333-8444-555555555555')).rejects.toThrow(/managed.identity/i)
  expect(JSON.stringify(entra.authorityCalls)).not.toContain(header)
  await entra.close()
})
