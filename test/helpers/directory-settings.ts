import { ActiveDirectorySettings } from '#src/iam/active-directory/settings.ts'
import { OpenLdapSettings } from '#src/iam/openldap/settings.ts'

/** Where a test's server is and how to sign in. */
export interface ServerFacts {
  readonly ldapUrl: string
  readonly ldapsUrl: string
  readonly caFile: string
  readonly baseDn: string
  readonly service: { readonly dn: string; readonly password: string }
}

function keysFor(server: ServerFacts, changes: object): object {
  return {
    url: server.ldapsUrl,
    ca_file: server.caFile,
    bind_dn: server.service.dn,
    bind_password: server.service.password,
    base_dn: server.baseDn,
    ...changes,
  }
}

/** Settings for an OpenLDAP server, written as in the configuration file. */
export function openLdapSettings(server: ServerFacts, changes: object = {}): OpenLdapSettings {
  return OpenLdapSettings.parse({ id: 'unix-ldap', kind: 'openldap', ...keysFor(server, changes) })
}

/** Settings for a domain controller, written as in the configuration file. */
export function activeDirectorySettings(server: ServerFacts, changes: object = {}): ActiveDirectorySettings {
  return ActiveDirectorySettings.parse({
    id: 'corp-ad',
    kind: 'active-directory',
    ...keysFor(server, changes),
  })
}
