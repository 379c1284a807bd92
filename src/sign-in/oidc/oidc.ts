import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type InteractionResults, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import { record } from '#src/audit/audit.ts'
import type { Log } from '#src/log.ts'
import type { LimitName, OnLimit } from '#src/limits.ts'
import { mayReach } from '#src/sign-in/access-rules.ts'
import { createNoteFailure } from '#src/sign-in/oidc/failures.ts'
import { loadSigningKeys } from '#src/sign-in/oidc/keys.ts'
import { isTooManyUnfinished } from '#src/sign-in/oidc/refusals.ts'
import { buildProvider, type ProviderDeps } from '#src/sign-in/oidc/provider.ts'
import { endSession, type SignedIn } from '#src/sign-in/session.ts'

/** A request as node has it: the provider reads and answers it itself. */
export interface RawExchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/** What a sign-in at a relying party waits for. */
export interface PendingSignIn {
  readonly client: { readonly id: string; readonly name: string }
  readonly waitsFor: 'sign_in' | 'fresh_sign_in' | 'access'
  /** Who signed in before this has not signed in anew for it. */
  readonly freshFrom: Date
}

/** Everything of OpenID Connect that the web needs. */
export interface Oidc {
  /** Answers a request to the provider's own addresses, which comes from `source`. */
  handle(exchange: RawExchange, source: string, signedIn: SignedIn | undefined): Promise<void>
  /** What the sign-in of this request waits for; undefined when it is over, unknown, or another browser's. */
  pending(exchange: RawExchange): Promise<PendingSignIn | undefined>
  /** Goes on as this person; returns the address to go to. */
  goOn(exchange: RawExchange, signedIn: SignedIn): Promise<string>
  /** Goes back to the relying party without signing in; returns the address to go to. */
  giveUp(exchange: RawExchange): Promise<string>
  /** Whether a rule lets this person in at this moment. A refusal is kept in the audit trail. */
  admits(signedIn: SignedIn, clientId: string): Promise<boolean>
}

/** What is known of the request under way. */
interface RequestScope {
  readonly sessionId: string | undefined
  readonly source: string
  /** Limits that it met. */
  readonly met: Map<LimitName, number>
}

// A replica that rotates keys publishes the new one long before it signs.
const keysForMs = 60_000

/** Makes the OpenID provider. Keys are read when the first request comes, and every minute from then on. */
export function createOidc(
  deps: Omit<ProviderDeps, 'pageSessionId' | 'source' | 'noteFailure'> & { readonly log: Log },
): Oidc {
  const { store, clock, log } = deps
  const noteFailure = createNoteFailure(log)
  const scope = new AsyncLocalStorage<RequestScope>()
  const pageSessionId = () => scope.getStore()?.sessionId
  const source = () => scope.getStore()?.source ?? ''
  // The provider may write twice in one request, and a transaction may run twice: it is one request that was refused.
  const onLimit: OnLimit = (limit, times = 1) => void scope.getStore()?.met.set(limit, times)
  let built: { readonly provider: Provider; readonly kids: string; readonly at: number } | undefined

  let loading: Promise<Provider> | undefined

  const current = async (): Promise<Provider> => {
    if (built !== undefined && clock.now().getTime() - built.at < keysForMs) return built.provider
    // Making a key takes a core for a while: of many requests that come at once one does it.
    loading ??= load().finally(() => void (loading = undefined))
    return await loading
  }

  const load = async (): Promise<Provider> => {
    const at = clock.now().getTime()
    const keys = await loadSigningKeys(deps)
    const kids = keys.map(({ kid }) => kid).join(' ')
    const provider = built?.kids === kids ? built.provider : build()
    built = { provider, kids, at }
    return provider

    function build(): Provider {
      const made = buildProvider({ ...deps, pageSessionId, source, onLimit, noteFailure }, keys)
      made.use(answerWhatIsLeft)
      made.use(lookAfterSignOut)
      made.on('server_error', (_context: unknown, error: unknown) => void noteFailure(error))
      made.silent = true
      return made
    }
  }

  // The provider saves a Session once more after its own handling of errors.
  async function answerWhatIsLeft(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    try {
      await next()
    } catch (error) {
      const isRefusal = isTooManyUnfinished(error)
      const reference = isRefusal ? '' : noteFailure(error)
      const isForPeople = isRefusal || context.accepts('json', 'html') === 'html'
      context.status = isRefusal ? 429 : 500
      context.type = isForPeople ? 'html' : 'json'
      if (!isForPeople) context.body = { error: 'server_error' }
      else context.body = isRefusal ? await deps.pages.tooMany() : await deps.pages.failed(reference)
    }
  }

  // Who signs out at a relying party signs out here: otherwise the next click would sign them in again.
  async function lookAfterSignOut(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    await next()
    const sessionId = pageSessionId()
    if (context.oidc?.route === 'end_session') allowLeaving(context)
    const isOver = context.oidc?.route === 'end_session_confirm' && hasEnded(context)
    if (isOver && sessionId !== undefined) await endSession({ store, clock }, sessionId)
  }

  const finish = async ({ incoming, outgoing }: RawExchange, result: InteractionResults) => {
    const provider = await current()
    return await provider.interactionResult(incoming, outgoing, result, { mergeWithLastSubmission: false })
  }

  return {
    async handle({ incoming, outgoing }, from, signedIn) {
      const provider = await current()
      // TLS ends before us, and public_url says how people come.
      incoming.headers['x-forwarded-proto'] = deps.oidc.publicUrl.split(':')[0]
      const met = new Map<LimitName, number>()
      await scope.run({ sessionId: signedIn?.sessionId, source: from, met }, () =>
        provider.callback()(incoming, outgoing),
      )
      for (const [limit, times] of met) deps.onLimit?.(limit, times)
    },

    async pending({ incoming, outgoing }) {
      const provider = await current()
      try {
        const { prompt, params, iat } = await provider.interactionDetails(incoming, outgoing)
        const id = String(params['client_id'])
        const name = deps.oidc.clients.find((client) => client.id === id)?.name ?? id
        // It counts in whole seconds: from the next one on nobody can have signed in before it began.
        const freshFrom = new Date((iat + 1) * 1_000)
        return { client: { id, name }, waitsFor: waitsFor(prompt), freshFrom }
      } catch (error) {
        if (error instanceof errors.SessionNotFound) return undefined
        throw error
      }
    },

    async goOn(exchange, { userId, factors, signedInAt }) {
      return await finish(exchange, {
        login: {
          accountId: userId,
          amr: factors.map((factor) => amrOf[factor]),
          ts: Math.floor(signedInAt.getTime() / 1_000),
        },
        consent: {},
      })
    },

    giveUp: (exchange) =>
      finish(exchange, { error: 'access_denied', error_description: 'no access rule names this person' }),

    async admits({ userId }, clientId) {
      if (await mayReach(deps, userId, { kind: 'client', id: clientId })) return true
      const facts = { userId, clientId }
      await store.write((ctx) =>
        record(ctx, clock.now(), { kind: 'relying_party_refused', actor: `local:${userId}`, facts }),
      )
      return false
    },
  }
}

/** Chromium counts the redirect after the form: it goes to an address that the client has configured. */
function allowLeaving(context: KoaContextWithOIDC): void {
  const { client, params } = context.oidc
  const target = client?.postLogoutRedirectUris?.find((uri) => uri === params?.['post_logout_redirect_uri'])
  const policy = context.response.get('content-security-policy')
  if (target === undefined) return
  const allowed = `form-action 'self' ${new URL(target).origin}`
  context.set('content-security-policy', policy.replace(/form-action 'self'/, allowed))
}

// RFC 8176 names the means; it has no word for recovery codes, which are one-time passwords too.
const amrOf = { password: 'pwd', totp: 'otp', recovery_code: 'otp', passkey: 'hwk' } as const

function hasEnded(context: KoaContextWithOIDC): boolean {
  return context.oidc.session !== undefined && 'destroyed' in context.oidc.session
}

function waitsFor(prompt: {
  readonly name: string
  readonly reasons: readonly string[]
}): PendingSignIn['waitsFor'] {
  if (prompt.name === 'access') return 'access'
  if (prompt.name !== 'login') return 'sign_in'
  // Whatever else is asked for is met by signing in again only; going on by itself would come back here for ever.
  return prompt.reasons.every((reason) => reason === 'no_session') ? 'sign_in' : 'fresh_sign_in'
}
