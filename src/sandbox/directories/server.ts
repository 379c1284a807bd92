import type { DirectoryAdmin } from '#src/sandbox/directories/client.ts'

/** A directory server that runs on this machine; disposing ends it and removes its files. */
export interface DirectoryServer extends AsyncDisposable {
  readonly pid: number
  readonly ldapUrl: string
  readonly ldapsUrl: string
  /** The authority that signed its certificate, and one that signed nothing. */
  readonly caFile: string
  readonly strangerCaFile: string
  readonly baseDn: string
  /** The account with exactly the rights that the connector's page in docs/connectors asks for. */
  readonly service: { readonly dn: string; readonly password: string }
  readonly admin: DirectoryAdmin
  /** Ends the server, whose files stay for `restart`. */
  stop(): Promise<void>
  /** Ends the server and starts it again at the same address with the same data. */
  restart(): Promise<void>
}
