import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Estate } from '#src/sandbox/estate.ts'

/** What the bot's configuration says about the IAM systems, and the secrets that it names. */
export interface EstateConfig {
  readonly systems: readonly object[]
  readonly secrets: Readonly<Record<string, string>>
}

/** The `iam_systems` of an estate. Keys that must be files are written into the folder. */
export async function configureEstate(estate: Estate, folder: string): Promise<EstateConfig> {
  const { samba, slapd, entra, okta } = estate
  const keyFile = join(folder, 'okta-key.pem')
  if (okta !== undefined) await writeFile(keyFile, okta.app.privateKeyPem, { mode: 0o600 })
  return {
    systems: [
      ...(samba === undefined
        ? []
        : [
            { id: 'corp-ad', kind: 'active-directory', ...ldap(samba), bind_password: '${CORP_AD_PASSWORD}' },
          ]),
      ...(entra === undefined ? [] : [entraSystem(entra, samba !== undefined)]),
      ...(okta === undefined
        ? []
        : [
            {
              id: 'okta',
              kind: 'okta',
              url: okta.url,
              client_id: okta.app.clientId,
              private_key_file: keyFile,
              key_id: okta.app.keyId,
            },
          ]),
      ...(slapd === undefined
        ? []
        : [{ id: 'unix-ldap', kind: 'openldap', ...ldap(slapd), bind_password: '${LDAP_PASSWORD}' }]),
    ],
    secrets: {
      LDAP_PASSWORD: slapd?.service.password ?? 'unused',
      CORP_AD_PASSWORD: samba?.service.password ?? 'unused',
      ENTRA_CLIENT_SECRET: entra?.app.clientSecret ?? 'unused',
    },
  }
}

function ldap(server: NonNullable<Estate['slapd'] | Estate['samba']>) {
  const { ldapsUrl, caFile, service, baseDn } = server
  return { url: ldapsUrl, ca_file: caFile, bind_dn: service.dn, base_dn: baseDn }
}

function entraSystem(entra: NonNullable<Estate['entra']>, isSynchronized: boolean) {
  return {
    id: 'entra',
    kind: 'entra',
    tenant_id: entra.tenantId,
    client_id: entra.app.clientId,
    client_secret: '${ENTRA_CLIENT_SECRET}',
    graph_url: entra.graphUrl,
    authority_url: entra.authorityUrl,
    ...(isSynchronized && { synchronized_from: 'corp-ad' }),
  }
}
