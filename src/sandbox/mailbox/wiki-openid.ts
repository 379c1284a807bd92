import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import type { Reader } from '#src/sandbox/mailbox/wiki-sessions.ts'

/** What came of somebody's coming back from Drawbridge. */
export type Return =
  | { readonly kind: 'reader'; readonly reader: Reader }
  /** No access rule names them. */
  | { readonly kind: 'not_let_in' }
  /** An address that was used before, or that belongs to nothing that was begun here. */
  | { readonly kind: 'unknown' }

/** A service's side of OpenID Connect. */
export interface OpenIdParty {
  /** Where to send a browser to sign in. */
  begin(): Promise<string>
  finish(url: URL): Promise<Return>
  /** Where to send a browser to sign out of Drawbridge too. */
  signOut(reader: Reader): Promise<string>
  /** The sign-in that a logout token says is over. Throws for one that Drawbridge did not sign for us. */
  endedSignIn(logoutToken: string): Promise<string>
}

const mostBegun = 1_000
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/** Speaks OpenID Connect as services do, with a library made for that. Asks the issuer for nothing before somebody comes. */
export function createOpenIdParty(settings: {
  readonly issuer: string
  readonly clientId: string
  readonly secret: string
  /** The service's own address, without a slash at the end. */
  readonly url: string
}): OpenIdParty {
  const { issuer, clientId, secret, url } = settings
  let found: Promise<client.Configuration> | undefined
  const discovered = () => {
    // Plain HTTP, because all of it stays on this machine.
    const options = { execute: [client.allowInsecureRequests], timeout: 10 }
    found ??= client
      .discovery(new URL(issuer), clientId, undefined, client.ClientSecretBasic(secret), options)
      .catch((error: unknown) => {
        found = undefined
        throw error
      })
    return found
  }
  const begun = new Map<string, { readonly pkceCodeVerifier: string; readonly expectedNonce: string }>()
  return {
    async begin() {
      const config = await discovered()
      const [state, expectedNonce] = [client.randomState(), client.randomNonce()]
      const pkceCodeVerifier = client.randomPKCECodeVerifier()
      begun.set(state, { pkceCodeVerifier, expectedNonce })
      if (begun.size > mostBegun) begun.delete(begun.keys().next().value ?? '')
      return client.buildAuthorizationUrl(config, {
        redirect_uri: `${url}/callback`,
        scope: 'openid email groups',
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
        nonce: expectedNonce,
        state,
      }).href
    },
    async finish(address) {
      const expectedState = address.searchParams.get('state') ?? ''
      const checks = begun.get(expectedState)
      if (checks === undefined) return { kind: 'unknown' }
      begun.delete(expectedState)
      try {
        const tokens = await client.authorizationCodeGrant(await discovered(), address, {
          ...checks,
          expectedState,
        })
        return { kind: 'reader', reader: readerOf(tokens.id_token ?? '', tokens.claims()) }
      } catch (error) {
        if (error instanceof client.AuthorizationResponseError) return { kind: 'not_let_in' }
        if (error instanceof client.ResponseBodyError) return { kind: 'unknown' }
        throw error
      }
    },
    async signOut({ idToken }) {
      const back = { id_token_hint: idToken, post_logout_redirect_uri: `${url}/` }
      return client.buildEndSessionUrl(await discovered(), back).href
    },
    async endedSignIn(logoutToken) {
      const { jwks_uri: keys = '' } = (await discovered()).serverMetadata()
      const { payload } = await jwtVerify(logoutToken, createRemoteJWKSet(new URL(keys)), {
        issuer,
        audience: clientId,
        typ: 'logout+jwt',
      })
      const { sid, events } = payload
      const isEnd = typeof events === 'object' && events !== null && logoutEvent in events
      if (!isEnd || typeof sid !== 'string') throw new Error('this token ends no sign-in')
      return sid
    },
  }
}

function readerOf(idToken: string, claims: client.IDToken | undefined): Reader {
  const [sid, email, groups] = [claims?.['sid'], claims?.['email'], claims?.['groups']]
  return {
    idToken,
    sid: typeof sid === 'string' ? sid : '',
    email: typeof email === 'string' ? email : '',
    groups: Array.isArray(groups) ? groups.map(String) : [],
  }
}
