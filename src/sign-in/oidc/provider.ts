import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Configuration, interactionPolicy, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { groupsOfUsers } from '#db/queries/local-groups.ts'
import { localUsersByIds } from '#db/queries/local-users.ts'
import { type AccessDeps, mayReach } from '#src/sign-in/access-rules.ts'
import { type AdapterDeps, createOidcAdapter } from '#src/sign-in/oidc/adapter.ts'
import { judgeClientSecret } from '#src/sign-in/oidc/client-secret.ts'
import type { NoteFailure } from '#src/sign-in/oidc/failures.ts'
import type { SigningKeys } from '#src/sign-in/oidc/keys.ts'
import { isTooManyUnfinished, tooManySecrets } from '#src/sign-in/oidc/refusals.ts'
import { type OidcClient, type OidcDeps, oidcScopes } from '#src/sign-in/oidc/settings.ts'
import { deriveKey } from '#src/secrets.ts'

/** Pages that the provider shows by itself. The texts are HTML; `form` is, what comes as text is not. */
export interface OidcPages {
  problem(error: { readonly code: string; readonly description: string }): Promise<string>
  /** Something went wrong on our side; the log has it by this code. */
  failed(reference: string): Promise<string>
  /** Asks whether to sign out; `form` is the form of the provider, whose buttons have its id. */
  signOut(shown: { readonly form: string; readonly formId: string; readonly client: string }): Promise<string>
  signedOut(): Promise<string>
  /** Whoever was asked whether to sign out did not want to. */
  stayed(): Promise<string>
  /** Too many sign-ins are under way from where the person is. */
  tooMany(): Promise<string>
}

/** What the provider needs besides the store. */
export interface ProviderDeps extends OidcDeps, AccessDeps, AdapterDeps {
  readonly pages: OidcPages
  readonly noteFailure: NoteFailure
}

/** For how long things count, in seconds. */
export const lifeSeconds = {
  AccessToken: 10 * 60,
  AuthorizationCode: 60,
  // Short, because a relying party that keeps nothing but this looks at nothing else.
  IdToken: 10 * 60,
  Interaction: 60 * 60,
  // A page session ends sooner; this is the end of what may outlive it.
  Grant: 14 * 24 * 60 * 60,
  RefreshToken: 14 * 24 * 60 * 60,
  Session: 12 * 60 * 60,
} as const
// Of nobody: what a page of ours was asked for, until somebody signs in.
const strangersSessionSeconds = 60 * 60

/** Where the provider answers: all below one path, apart from discovery. */
const routes = {
  authorization: '/oidc/authorize',
  token: '/oidc/token',
  userinfo: '/oidc/userinfo',
  jwks: '/oidc/jwks',
  revocation: '/oidc/revoke',
  introspection: '/oidc/introspect',
  end_session: '/oidc/sign-out',
} as const

const cookie = { httpOnly: true, sameSite: 'lax', secure: true, signed: true } as const

/** Builds the provider for these keys. It is a Koa app: requests go to its `callback()`. */
export function buildProvider(deps: ProviderDeps, keys: SigningKeys): Provider {
  const { oidc } = deps
  const provider = new Provider(oidc.publicUrl, configurationOf(deps, keys))
  // We end TLS elsewhere and say so ourselves; the address of a client is none of its business.
  provider.proxy = true
  // Browsers take Secure cookies of this machine itself (http://localhost) too; nothing else is served without TLS.
  const createContext = provider.createContext.bind(provider)
  provider.createContext = (request: IncomingMessage, response: ServerResponse) => {
    const context = createContext(request, response)
    context.cookies.secure = true
    return context
  }
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(given) {
    const shown = { clientId: this.clientId, secret: given, source: deps.source() }
    const verdict = await judgeClientSecret(deps, shown)
    if (verdict.kind !== 'wait') return verdict.kind === 'right'
    deps.onLimit?.('client_secret')
    throw tooManySecrets(verdict.ms)
  }
  return provider
}

function configurationOf(deps: ProviderDeps, keys: SigningKeys): Configuration {
  const { oidc, pages } = deps
  return {
    adapter: (kind: string) => createOidcAdapter(deps, kind),
    jwks: { keys: [...keys] },
    clients: oidc.clients.map(metadataOf),
    clientDefaults: { response_modes: ['query'] },
    responseTypes: ['code'],
    subjectTypes: ['public'],
    scopes: [...oidcScopes],
    claims: {
      openid: ['sub', 'amr', 'auth_time'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username'],
      groups: ['groups'],
    },
    // Many relying parties look at nothing but the ID token.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    // A public client runs in browsers, from where its people are sent back to.
    clientBasedCORS: (_context, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    rotateRefreshToken: true,
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
    loadExistingGrant,
    findAccount: async (_context, userId, token) => await findAccount(deps, userId, token?.clientId),
    interactions: {
      url: (_context, interaction) => `/interaction/${interaction.uid}`,
      policy: policyOf(deps),
    },
    ttl: {
      ...lifeSeconds,
      Session: (_context, { accountId }) =>
        accountId === undefined ? strangersSessionSeconds : lifeSeconds.Session,
    },
    cookies: {
      names: {
        session: '__Host-drawbridge-oidc',
        interaction: '__Secure-drawbridge-interaction',
        resume: '__Secure-drawbridge-resume',
      },
      keys: oidc.secrets.map((one) => deriveKey(one, 'oidc cookies').toString('base64url')),
      long: cookie,
      short: cookie,
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      userinfo: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: async (_context, client, token) => token.clientId === client.clientId,
      },
      introspection: {
        enabled: true,
        allowedPolicy: async (_context, client, token) => await mayLookAt(deps, client.clientId, token),
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (context, form) => {
          const client = context.oidc.client?.clientName ?? ''
          context.body = await pages.signOut({ form, formId: 'op.logoutForm', client })
        },
        postLogoutSuccessSource: async (context) => {
          const hasStayed = deps.pageSessionId() !== undefined
          context.body = hasStayed ? await pages.stayed() : await pages.signedOut()
        },
      },
    },
    renderError: async (context, out, error) => {
      context.type = 'html'
      const { error: code, error_description: description = '' } = out
      if (isTooManyUnfinished(error)) context.body = await pages.tooMany()
      else if (code === 'server_error') context.body = await pages.failed(deps.noteFailure(error))
      else context.body = await pages.problem({ code, description })
    },
    // The provider asks nobody anything. Who has to be told that a sign-in has ended is told by a durable job.
    fetch: async () => new Response(null, { status: 204 }),
    routes,
  }
}

function metadataOf(client: OidcClient) {
  const { id, name, secret, redirectUris, postLogoutRedirectUris, backchannelLogoutUri } = client
  return {
    client_id: id,
    client_name: name,
    ...(secret !== undefined && { client_secret: secret.reveal() }),
    // The provider takes the secret in the form too.
    token_endpoint_auth_method: secret === undefined ? ('none' as const) : ('client_secret_basic' as const),
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: [...postLogoutRedirectUris],
    response_types: ['code'] as const,
    grant_types: ['authorization_code', 'refresh_token'],
    scope: client.scopes.join(' '),
    ...(backchannelLogoutUri !== undefined && {
      backchannel_logout_uri: backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
  }
}

/** Who signs in at a configured client needs no consent: the access rules say who may. */
async function loadExistingGrant(context: KoaContextWithOIDC) {
  const { client, session, account, provider, requestParamOIDCScopes } = context.oidc
  if (client === undefined || session === undefined || account === undefined) return undefined
  const grantId = session.grantIdFor(client.clientId)
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  const { accountId } = account
  const grant = known ?? new provider.Grant({ accountId, clientId: client.clientId })
  const wanted = [...requestParamOIDCScopes].join(' ')
  if (known !== undefined && grant.getOIDCScopeFiltered(requestParamOIDCScopes) === wanted) return known
  grant.addOIDCScope(wanted)
  await grant.save()
  return grant
}

async function findAccount(deps: ProviderDeps, userId: string, clientId: string | undefined) {
  const isLetIn =
    clientId === undefined ? true : await mayReach(deps, userId, { kind: 'client', id: clientId })
  const [user] = isLetIn ? await deps.store.read((ctx) => localUsersByIds(ctx, [userId])) : []
  if (user?.state !== 'enabled') return undefined
  return {
    accountId: userId,
    async claims() {
      const groups = await deps.store.read((ctx) => groupsOfUsers(ctx, [userId]))
      return {
        sub: userId,
        email: user.email,
        email_verified: user.enrolledAt !== null,
        preferred_username: user.email,
        groups: groups.map(({ name }) => name).toSorted(),
      }
    },
  }
}

async function mayLookAt(
  deps: ProviderDeps,
  clientId: string,
  token: { readonly clientId?: string | undefined; readonly accountId?: string },
): Promise<boolean> {
  if (token.clientId !== clientId || token.accountId === undefined) return false
  return await mayReach(deps, token.accountId, { kind: 'client', id: clientId })
}

/** Signing in, then the access rules, asked anew each time. Consent is what the configuration gives. */
function policyOf(deps: ProviderDeps): interactionPolicy.DefaultPolicy {
  const { Check, Prompt } = interactionPolicy
  const policy = interactionPolicy.base()
  policy.get('consent')?.checks.clear()
  const refused = new Check('no_access', 'no access rule names this person', 'access_denied', async (ctx) => {
    const { session, client } = ctx.oidc
    if (session?.accountId === undefined || client === undefined) return Check.REQUEST_PROMPT
    return !(await mayReach(deps, session.accountId, { kind: 'client', id: client.clientId }))
  })
  policy.add(new Prompt({ name: 'access', requestable: false }, refused), 1)
  return policy
}
