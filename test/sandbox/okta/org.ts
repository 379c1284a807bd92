import { createPrivateKey } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Okta } from '#src/sandbox/okta/start.ts'
import { parseJson } from '#src/sandbox/json.ts'

/** An answer of the org. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** What a call sends beside its credential. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One call with the API token, or with the given `authorization`; an empty one is not sent. */
export async function call(
  okta: Okta,
  method: string,
  path: string,
  authorization = `SSWS ${okta.apiToken.value}`,
  { headers, body }: Sent = {},
): Promise<Answer> {
  const response = await fetch(`${okta.url}${path}`, {
    method,
    headers: { accept: 'application/json', ...(authorization !== '' && { authorization }), ...headers },
    ...(body !== undefined && { body }),
  })
  return { status: response.status, headers: response.headers, body: parseJson(await response.text()) }
}

/** What a client assertion says; what is left out is right. */
export interface Claims {
  readonly audience?: string
  readonly issuer?: string
  readonly keyId?: string
  readonly livesS?: number
  readonly issuedAgoS?: number
  readonly id?: string
}

/** Asks for a token as the app. */
export async function askForToken(okta: Okta, scope: string, claims: Claims = {}): Promise<Answer> {
  const { audience = `${okta.url}/oauth2/v1/token`, issuer = okta.app.clientId, livesS = 300 } = claims
  const issuedAt = Math.floor(Date.now() / 1000) - (claims.issuedAgoS ?? 0)
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256', kid: claims.keyId ?? okta.app.keyId })
    .setIssuer(issuer)
    .setSubject(issuer)
    .setAudience(audience)
    .setJti(claims.id ?? crypto.randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + livesS)
    .sign(createPrivateKey(okta.app.privateKeyPem))
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
  const response = await fetch(`${okta.url}/oauth2/v1/token`, { method: 'POST', body })
  return { status: response.status, headers: response.headers, body: parseJson(await response.text()) }
}
