import { z } from 'zod'
import type { Clock } from '#src/clock.ts'
import { ConnectorError } from '#src/errors.ts'
import { readCertificate, signAssertion } from '#src/iam/entra/certificate.ts'
import { authorityError } from '#src/iam/entra/authority-errors.ts'
import { askManagedIdentity } from '#src/iam/entra/managed-identity.ts'
import type { EntraSettings } from '#src/iam/entra/settings.ts'
import type { IssuedToken } from '#src/iam/entra/tokens.ts'
import { sendHttp } from '#src/iam/http.ts'

const TokenAnswer = z.object({
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive(),
  access_token: z.string().min(1),
})

/** What signing in needs. */
export interface AuthorityDeps {
  readonly settings: EntraSettings
  readonly callTimeoutMs: number
  readonly clock: Clock
}

/**
 * Signs in as the application (client credentials, facts of "Microsoft identity platform and the OAuth 2.0 client
 * credentials flow"). Nothing is kept. Throws `ConnectorError`.
 */
export async function askForToken(deps: AuthorityDeps): Promise<IssuedToken> {
  const { settings, callTimeoutMs } = deps
  const scope = `${settings.graphUrl}/.default`
  if (settings.managedIdentity)
    return await askManagedIdentity({ clientId: settings.clientId, scope, timeoutMs: callTimeoutMs })
  const tokenUrl = `${settings.authorityUrl}/${encodeURIComponent(settings.tenantId)}/oauth2/v2.0/token`
  const clientId = settings.clientId ?? ''
  const proof = await proofOf(deps, tokenUrl, clientId)
  const body = { grant_type: 'client_credentials', client_id: clientId, scope, ...proof }
  const answer = await sendHttp(
    {
      method: 'POST',
      url: new URL(tokenUrl),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams(body).toString(),
      changes: false,
      timeoutMs: callTimeoutMs,
    },
    new AbortController().signal,
  )
  if (answer.status !== 200) throw authorityError(answer, deps.clock.now())
  const read = TokenAnswer.safeParse(answer.body)
  if (!read.success)
    throw new ConnectorError('bad_response', `No token: ${z.prettifyError(read.error)}`, {
      detail: 'unexpected_answer',
    })
  return { value: read.data.access_token, livesMs: read.data.expires_in * 1000 }
}

async function proofOf(
  { settings, clock }: AuthorityDeps,
  tokenUrl: string,
  clientId: string,
): Promise<Readonly<Record<string, string>>> {
  if (settings.clientSecret !== undefined) return { client_secret: settings.clientSecret.reveal() }
  const certificate = await readCertificate(settings.certificateFile ?? '')
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signAssertion(certificate, { clientId, tokenUrl }, clock),
  }
}
