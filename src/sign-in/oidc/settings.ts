import type { Store } from '#db/store.ts'
import type { Clock } from '#src/clock.ts'
import type { Secret } from '#src/secrets.ts'
import type { OnLimit } from '#src/limits.ts'
import type { WebSecrets } from '#src/sign-in/sealed.ts'

/** Scopes that clients may ask for. `offline_access` lets refresh tokens outlive the sign-in. */
export const oidcScopes = ['openid', 'email', 'profile', 'groups', 'offline_access'] as const
export type OidcScope = (typeof oidcScopes)[number]

/** A service that lets people sign in through us, as configured. */
export interface OidcClient {
  readonly id: string
  /** As people see it. */
  readonly name: string
  /** Undefined for public clients, which have only PKCE. */
  readonly secret: Secret | undefined
  /** Compared letter by letter. */
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  /** Where the client wants to be told that a sign-in has ended. */
  readonly backchannelLogoutUri: string | undefined
  readonly scopes: readonly OidcScope[]
}

/** What the provider is made of. */
export interface OidcSettings {
  /** The issuer: origin only, without a slash at the end. */
  readonly publicUrl: string
  /** Of `web.secret`, newest first. */
  readonly secrets: WebSecrets
  readonly clients: readonly OidcClient[]
}

/** What its parts need. */
export interface OidcDeps {
  readonly store: Store
  readonly clock: Clock
  readonly oidc: OidcSettings
  /** Hears of each request that a limit refused. */
  readonly onLimit?: OnLimit | undefined
}
