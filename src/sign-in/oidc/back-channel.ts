import { importJWK, SignJWT } from 'jose'
import { z } from 'zod'
import { logoutJobKind } from '#db/queries/oidc.ts'
import { record } from '#src/audit/audit.ts'
import { newId } from '#src/ids.ts'
import type { JobKind } from '#src/jobs/job.ts'
import { loadSigningKeys } from '#src/sign-in/oidc/keys.ts'
import type { OidcClient, OidcDeps } from '#src/sign-in/oidc/settings.ts'

const SignInEnded = z.strictObject({ sid: z.string(), clientId: z.string(), userId: z.string() })
type SignInEnded = z.output<typeof SignInEnded>

const callTimeoutMs = 10_000
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * Tells one relying party that a sign-in has ended: OpenID Connect Back-Channel Logout 1.0, a signed logout token per try.
 * Tries for about a quarter of an hour, then gives up with an audit event. `oidc` is undefined where nothing is configured.
 */
export function tellRelyingPartyJob(
  deps: Omit<OidcDeps, 'oidc'> & { readonly oidc: OidcDeps['oidc'] | undefined },
): JobKind<SignInEnded> {
  const { store, clock, oidc } = deps
  return {
    kind: logoutJobKind,
    payload: SignInEnded,
    maxAttempts: 20,
    async run(ended, { signal }) {
      const client = oidc?.clients.find(({ id }) => id === ended.clientId)
      const uri = client?.backchannelLogoutUri
      if (oidc === undefined || client === undefined || uri === undefined) return { kind: 'completed' }
      const token = await logoutToken({ store, clock, oidc }, client, ended)
      const problem = await post(uri, token, signal)
      if (problem !== undefined) return { kind: 'retry', reason: problem }
      const { clientId, userId } = ended
      return {
        kind: 'completed',
        settle: (ctx) =>
          record(ctx, clock.now(), {
            kind: 'relying_party_told',
            actor: 'system',
            facts: { clientId, userId },
          }),
      }
    },
    async givenUp(ctx, { clientId, userId }, reason) {
      await record(ctx, clock.now(), {
        kind: 'relying_party_not_told',
        actor: 'system',
        facts: { clientId, userId, reason },
      })
    },
  }
}

async function logoutToken(deps: OidcDeps, client: OidcClient, ended: SignInEnded): Promise<string> {
  const [key] = await loadSigningKeys(deps)
  const issuedAt = Math.floor(deps.clock.now().getTime() / 1_000)
  return await new SignJWT({ sid: ended.sid, events: { [logoutEvent]: {} } })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'logout+jwt' })
    .setIssuer(deps.oidc.publicUrl)
    .setAudience(client.id)
    .setSubject(ended.userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 120)
    // Anew for each try: a relying party may refuse one that it has seen.
    .setJti(newId())
    .sign(await importJWK(key, key.alg))
}

/** Undefined when the relying party took it, else what went wrong. */
async function post(uri: string, token: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await fetch(uri, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ logout_token: token }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(callTimeoutMs)]),
    })
    await answer.body?.cancel()
    return answer.status === 200 || answer.status === 204 ? undefined : `answered ${answer.status}`
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : 'not reached'
  }
}
