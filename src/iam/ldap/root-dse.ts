import type { Connection } from '#src/iam/ldap/connection.ts'
import { parseGeneralizedTime } from '#src/iam/ldap/time.ts'

/** What a server says about itself; anybody may read it. */
export interface RootDse {
  /** The tops of its trees. */
  readonly namingContexts: readonly string[]
  readonly saslMechanisms: readonly string[]
  /** Active Directory only: the domain, the configuration, the host and the server's clock. */
  readonly domainDn: string | undefined
  readonly configurationDn: string | undefined
  readonly hostName: string | undefined
  readonly clockMs: number | undefined
  /** Active Directory only: the SIDs of whoever asks, own and groups, as bytes. */
  readonly ownSids: readonly Buffer[]
}

const attributes = [
  'namingContexts',
  'supportedSASLMechanisms',
  'defaultNamingContext',
  'configurationNamingContext',
  'dnsHostName',
  'currentTime',
  'tokenGroups',
]

/** Reads the server's own entry (RFC 4512 section 5.1, MS-ADTS 3.1.1.3.2). What a server does not tell is empty. */
export async function readRootDse(connection: Connection): Promise<RootDse> {
  const entry = await connection.readEntry({ base: '', attributes, binary: ['tokenGroups'] })
  const first = (name: string) => entry?.text(name)[0]
  return {
    namingContexts: entry?.text('namingContexts') ?? [],
    saslMechanisms: entry?.text('supportedSASLMechanisms') ?? [],
    domainDn: first('defaultNamingContext'),
    configurationDn: first('configurationNamingContext'),
    hostName: first('dnsHostName'),
    clockMs: parseGeneralizedTime(first('currentTime') ?? ''),
    ownSids: entry?.bytes('tokenGroups') ?? [],
  }
}
