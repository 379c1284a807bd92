import { z } from 'zod'
import { Filled, checkTransport, evenWithMistakes, ldapKeys, sharedSettings } from '#src/iam/ldap/settings.ts'

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
    ...sharedSettings(keys),
    kind: keys.kind,
    protectedGroupDns: keys.protected_group_dns,
  }))
export type ActiveDirectorySettings = z.output<typeof ActiveDirectorySettings>
