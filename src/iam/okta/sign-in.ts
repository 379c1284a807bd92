import { z } from 'zod'
import type { Clock } from '#src/clock.ts'
import { ConnectorError, type ConnectorErrorCode } from '#src/errors.ts'
import { type HttpAnswer, sendHttp } from '#src/iam/http.ts'
import { retryAtOf } from '#src/iam/okta/errors.ts'
import { signAssertion } from '#src/iam/okta/own-key.ts'
import { scopeGrantedUnder, superAdministrator } from '#src/iam/okta/permissions.ts'
import type { OktaConnection } from '#src/iam/okta/settings.ts'
import { readAnswer } from '#src/iam/okta/user.ts'

/** What the org issued. */
export interface IssuedToken {
  readonly value: string
  readonly scopes: readonly string[]
  readonly livesMs: number
}

/** What signing in as the app needs. */
export interface SignInDeps {
  readonly settings: OktaConnection
  readonly scopes: readonly string[]
  readonly callTimeoutMs: number
  readonly clock: Clock
}

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  scope: z.string(),
})

// Somebody is granting the rest perhaps; a token is good for what it was asked for only.
const incompleteLivesMs = 30_000

/**
 * Signs in as the service app for all scopes that were granted to it: Okta refuses the whole request when one is missing,
 * so then each is asked for alone. Throws `ConnectorError`; `not_permitted` when none was granted.
 */
export async function signIn(deps: SignInDeps): Promise<IssuedToken> {
  const whole = await askForToken(deps, deps.scopes)
  if (whole !== 'scope_not_granted') return whole
  const each = await Promise.all(deps.scopes.map((scope) => askForToken(deps, [scope])))
  const granted = deps.scopes.filter((_, index) => each[index] !== 'scope_not_granted')
  const part = granted.length === 0 ? 'scope_not_granted' : await askForToken(deps, granted)
  if (part !== 'scope_not_granted') return { ...part, livesMs: Math.min(part.livesMs, incompleteLivesMs) }
  throw new ConnectorError('not_permitted', 'None of the scopes was granted', {
    permission: deps.scopes.join(' '),
    where: scopeGrantedUnder,
    grantedBy: superAdministrator,
  })
}

/** Facts: `POST /oauth2/v1/token` of the org's own server; only there are `okta.*` scopes. */
async function askForToken(
  { settings, callTimeoutMs, clock }: SignInDeps,
  scopes: readonly string[],
): Promise<IssuedToken | 'scope_not_granted'> {
  const url = new URL(`${settings.url}/oauth2/v1/token`)
  const assertion = await signAssertion(
    {
      clientId: settings.clientId ?? '',
      tokenUrl: url.href,
      file: settings.privateKeyFile ?? '',
      keyId: settings.keyId,
    },
    clock,
  )
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: scopes.join(' '),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
  const answer = await sendHttp(
    {
      method: 'POST',
      url,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
      changes: false,
      timeoutMs: callTimeoutMs,
    },
    new AbortController().signal,
  )
  if (answer.status !== 200) return refused(answer, clock)
  const read = readAnswer(TokenAnswer, answer.body)
  return { value: read.access_token, scopes: read.scope.split(' '), livesMs: read.expires_in * 1_000 }
}

// RFC 6749's form, or Okta's own.
const Refusal = z.object({ error: z.string() }).or(z.object({ errorCode: z.string() }))

type Meaning = readonly [code: ConnectorErrorCode, detail?: string | undefined]

const meanings: Readonly<Record<string, Meaning>> = {
  invalid_client: ['bad_credentials', 'client_or_key_refused'],
  unauthorized_client: ['bad_credentials', 'client_not_allowed'],
  // Proof of possession, which is switched on for new apps in many orgs.
  invalid_dpop_proof: ['misconfigured', 'dpop_switched_on'],
  use_dpop_nonce: ['misconfigured', 'dpop_switched_on'],
}

function refused(answer: HttpAnswer, clock: Clock): 'scope_not_granted' {
  const read = Refusal.safeParse(answer.body)
  const word = !read.success ? undefined : 'error' in read.data ? read.data.error : read.data.errorCode
  if (word === 'invalid_scope') return 'scope_not_granted'
  const [code, detail] = meaningOf(answer.status, word)
  throw new ConnectorError(code, `The sign-in was answered ${answer.status} ${word ?? 'without a word'}`, {
    vendorCode: word,
    detail,
    requestId: answer.headers.get('x-okta-request-id') ?? undefined,
    ...(code === 'rate_limited' && { retryAt: retryAtOf(answer, clock.now()) }),
  })
}

function meaningOf(status: number, word: string | undefined): Meaning {
  if (status === 429) return ['rate_limited']
  if (status >= 500) return ['unavailable']
  if (status >= 300 && status < 400) return ['misconfigured', 'redirected']
  if (word === undefined) return ['bad_response', 'not_okta']
  return meanings[word] ?? (status === 404 ? ['misconfigured', 'path_not_found'] : ['bad_credentials'])
}
