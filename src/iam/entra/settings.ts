import type { ConnectorOptions } from '#src/iam/connector.ts'
import type { Secret } from '#src/secrets.ts'

/** An `iam_systems` entry of kind `entra`, as the configuration reads it. Exactly one credential is set. */
export interface EntraSettings {
  readonly id: string
  readonly kind: 'entra'
  readonly tenantId: string
  /** Missing only for a managed identity that the host assigned itself. */
  readonly clientId?: string | undefined
  readonly clientSecret?: Secret | undefined
  /** A PEM file with the certificate and its private key. */
  readonly certificateFile?: string | undefined
  readonly managedIdentity: boolean
  /** Without a slash at the end, e.g. `https://graph.microsoft.com`. */
  readonly graphUrl: string
  readonly authorityUrl: string
  /** The id of the AD system that Entra Connect reads. */
  readonly synchronizedFrom?: string | undefined
  readonly resetRequiresMfa: boolean
}

/** What the connector is built from, beside its settings. */
export interface EntraOptions extends ConnectorOptions {
  /** How long it waits before each look at a change: writes spread through the directory for seconds. */
  readonly readBackDelaysMs?: readonly number[] | undefined
}
