import { z } from 'zod'
import { Filled, checkTransport, evenWithMistakes, ldapKeys, serversOf } from '#src/iam/ldap/settings.ts'

/**
 * An `iam_systems` entry of kind `active-directory`, keys as in the configuration file; parsed into camelCase with
 * the password wrapped.
 */
export const ActiveDirectorySettings = z
  .strictObject({
    ...ldapKeys,
    kind: z.literal('active-directory'),
    protected_group_dns: z.array(Filled).default([]),
  })
  .superRefine(checkTransport, evenWithMistakes)
  .transform((keys) => ({
    id: keys.id,
    kind: keys.kind,
    servers: serversOf(keys),
    bindDn: keys.bind_dn,
    bindPassword: keys.bind_password,
    baseDn: keys.base_dn,
    protectedGroupDns: keys.protected_group_dns,
  }))
export type ActiveDirectorySettings = z.output<typeof ActiveDirectorySettings>
