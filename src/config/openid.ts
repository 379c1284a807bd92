import { z } from 'zod'
import type { RawMistake } from '#src/config/mistakes.ts'
import { Filled, Flag, HiddenText, isLoopback } from '#src/config/values.ts'

const scopes = ['openid', 'email', 'profile', 'groups', 'offline_access'] as const

// Compared letter by letter with what the client asks for, so it is kept as it was written.
const ReturnAddress = Filled.max(2_000).refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || text.includes('#') || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}, 'Give a whole address like https://wiki.example.net/callback, without a #. http:// is for this machine only.')

const Client = z
  .strictObject({
    id: Filled.regex(
      /^[A-Za-z0-9._-]{1,100}$/,
      'Give up to 100 letters, digits, dots, dashes and underscores.',
    ),
    name: Filled.max(100).optional(),
    secret: HiddenText.optional(),
    public: Flag.prefault(false),
    redirect_uris: z.array(ReturnAddress).min(1).max(50),
    post_logout_redirect_uris: z.array(ReturnAddress).max(50).prefault([]),
    // With a query where the client wants one: mod_auth_openidc has ?logout=backchannel.
    backchannel_logout_uri: ReturnAddress.optional(),
    scopes: z.array(z.enum(scopes)).prefault(['openid', 'email', 'profile', 'groups']),
  })
  .superRefine((client, context) => {
    const add = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if (client.secret === undefined && !client.public)
      add('secret', 'Give a secret, or public: true for a client that cannot keep one.')
    if (client.secret !== undefined && client.public)
      add('secret', 'A public client has no secret. Take this out, or public.')
    if (client.secret !== undefined && client.secret.reveal().length < 32)
      add('secret', 'Give at least 32 characters.')
    if (!client.scopes.includes('openid')) add('scopes', 'openid is always among the scopes. Add it.')
  })
  .transform((client) => ({
    id: client.id,
    name: client.name ?? client.id,
    secret: client.secret,
    redirectUris: client.redirect_uris,
    postLogoutRedirectUris: client.post_logout_redirect_uris,
    backchannelLogoutUri: client.backchannel_logout_uri,
    scopes: client.scopes,
  }))

/** The `openid` section: the services that sign people in through OpenID Connect. */
export const OpenId = z.strictObject({ clients: z.array(Client).max(1_000).prefault([]) }).prefault({})
export type OpenId = z.output<typeof OpenId>

/** What is wrong between `openid` and the rest. Pure. */
export function checkOpenId(openid: OpenId | undefined, webIsThere: boolean): readonly RawMistake[] {
  const ids = (openid?.clients ?? []).map(({ id }) => id)
  const needsWeb = 'OpenID clients need the sign-in page. Add the section web.'
  return [
    ...(ids.length > 0 && !webIsThere ? [{ path: ['openid', 'clients'], sentence: needsWeb }] : []),
    ...ids.flatMap((id, i) =>
      ids.indexOf(id) < i
        ? [{ path: ['openid', 'clients', i, 'id'], sentence: `Another client has the id ${id} already.` }]
        : [],
    ),
  ]
}
