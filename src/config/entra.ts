import { z } from 'zod'
import { Filled, Flag, HiddenText, WebAddress } from '#src/config/values.ts'

const credentials = ['client_secret', 'certificate_file', 'managed_identity'] as const

/** An `iam_systems` entry of kind `entra`. */
export const EntraSettings = z
  .strictObject({
    id: Filled,
    kind: z.literal('entra'),
    tenant_id: Filled,
    client_id: Filled.optional(),
    client_secret: HiddenText.optional(),
    certificate_file: Filled.optional(),
    managed_identity: Flag.optional(),
    graph_url: WebAddress.prefault('https://graph.microsoft.com'),
    authority_url: WebAddress.prefault('https://login.microsoftonline.com'),
    synchronized_from: Filled.optional(),
    reset_requires_mfa: Flag.prefault(false),
  })
  .superRefine(
    (keys, context) => {
      const given = credentials.filter((key) => keys[key] !== undefined && keys[key] !== false)
      if (given.length !== 1)
        context.addIssue({
          code: 'custom',
          path: [given[1] ?? 'client_secret'],
          message: 'Give exactly one of client_secret, certificate_file and managed_identity: true.',
        })
      if (keys.client_id === undefined && keys.managed_identity !== true)
        context.addIssue({
          code: 'custom',
          path: ['client_id'],
          message: 'This is missing. Give the application (client) id of the app registration.',
        })
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .transform((keys) => ({
    id: keys.id,
    kind: keys.kind,
    tenantId: keys.tenant_id,
    clientId: keys.client_id,
    clientSecret: keys.client_secret,
    certificateFile: keys.certificate_file,
    managedIdentity: keys.managed_identity ?? false,
    graphUrl: keys.graph_url,
    authorityUrl: keys.authority_url,
    synchronizedFrom: keys.synchronized_from,
    resetRequiresMfa: keys.reset_requires_mfa,
  }))
