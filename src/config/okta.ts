import { z } from 'zod'
import { Filled, HiddenText, WebAddress } from '#src/config/values.ts'

/** An `iam_systems` entry of kind `okta`. */
export const OktaSettings = z
  .strictObject({
    id: Filled,
    kind: z.literal('okta'),
    url: WebAddress,
    client_id: Filled.optional(),
    private_key_file: Filled.optional(),
    key_id: Filled.optional(),
    api_token: HiddenText.optional(),
    unsuspendable: z.enum(['report', 'deactivate']).prefault('report'),
  })
  .superRefine(
    (keys, context) => {
      const withKey = keys.client_id !== undefined && keys.private_key_file !== undefined
      const half = (keys.client_id === undefined) !== (keys.private_key_file === undefined)
      if (withKey === (keys.api_token !== undefined) || half)
        context.addIssue({
          code: 'custom',
          path: [keys.client_id === undefined ? 'client_id' : 'private_key_file'],
          message: 'Give either client_id with private_key_file, or api_token.',
        })
      if (keys.key_id !== undefined && keys.private_key_file === undefined)
        context.addIssue({
          code: 'custom',
          path: ['key_id'],
          message: 'key_id names the key of private_key_file. Give that one, or take key_id out.',
        })
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .transform((keys) => ({
    id: keys.id,
    kind: keys.kind,
    url: keys.url,
    clientId: keys.client_id,
    privateKeyFile: keys.private_key_file,
    keyId: keys.key_id,
    apiToken: keys.api_token,
    unsuspendable: keys.unsuspendable,
  }))
