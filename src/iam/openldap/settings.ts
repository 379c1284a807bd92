import { z } from 'zod'
import {
  AttributeName,
  Filled,
  Password,
  checkTransport,
  evenWithMistakes,
  ldapKeys,
  sharedSettings,
} from '#src/iam/ldap/settings.ts'

/**
 * An `iam_systems` entry of kind `openldap`, keys as in the configuration file; parsed into camelCase with the
 * password wrapped.
 */
export const OpenLdapSettings = z
  .strictObject({
    ...ldapKeys,
    kind: z.literal('openldap'),
    email_attributes: z.array(AttributeName).min(1).default(['mail']),
    login_attributes: z.array(AttributeName).min(1).default(['uid']),
    canary_dn: Filled.optional(),
    canary_password: Password.optional(),
    disable_attribute: z
      .strictObject({ name: AttributeName, disabled: Filled, enabled: Filled })
      .refine((rule) => rule.disabled !== rule.enabled, 'disabled and enabled must differ.')
      .optional(),
  })
  .superRefine((keys, context) => {
    checkTransport(keys, context)
    if ((keys.canary_dn === undefined) !== (keys.canary_password === undefined))
      context.addIssue({
        code: 'custom',
        path: ['canary_dn'],
        message: 'canary_dn and canary_password go together. Give both or none.',
      })
  }, evenWithMistakes)
  .transform((keys) => ({
    ...sharedSettings(keys),
    kind: keys.kind,
    emailAttributes: keys.email_attributes,
    loginAttributes: keys.login_attributes,
    canary:
      keys.canary_dn === undefined || keys.canary_password === undefined
        ? undefined
        : { dn: keys.canary_dn, password: keys.canary_password },
    disableAttribute: keys.disable_attribute,
  }))
export type OpenLdapSettings = z.output<typeof OpenLdapSettings>
