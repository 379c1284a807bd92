import type { ConnectorOptions, SystemKind } from '#src/iam/connector.ts'
import type { Secret } from '#src/secrets.ts'

/** How one Okta org is reached; `OktaSettings` of the configuration parses into it. */
export interface OktaConnection {
  readonly id: string
  readonly kind: 'okta'
  /** The org's own address, without a slash at the end. */
  readonly url: string
  readonly clientId: string | undefined
  readonly privateKeyFile: string | undefined
  /** The `kid` under which Okta knows the public key; a JWK file may hold it instead. */
  readonly keyId: string | undefined
  readonly apiToken: Secret | undefined
  /** What Disable does for a person whom Okta cannot suspend. */
  readonly unsuspendable: 'report' | 'deactivate'
}

/** What the connector is built from, beside its settings. */
export interface OktaOptions extends ConnectorOptions {
  /** The kinds of the systems that are configured beside it: a password that one of them keeps is reset there. */
  readonly otherKinds?: readonly SystemKind[] | undefined
  /** How long it waits before each further look at a change that Okta is still carrying out. */
  readonly lookAgainAfterMs?: readonly number[] | undefined
}
