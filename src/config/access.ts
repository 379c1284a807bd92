import { z } from 'zod'
import type { RawMistake } from '#src/config/mistakes.ts'
import { Filled } from '#src/config/values.ts'

// As browsers write it in the header Host; international names in their ASCII form.
const HostName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^(?=.{1,120}(:|$))([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(:[1-9]\d{0,4})?$/,
    'Give a host name like wiki.example.net, without https:// and path; with a port only where browsers show one.',
  )
  .refine((host) => !host.endsWith(':443'), 'Leave :443 out: browsers do.')

const Host = z
  .strictObject({ host: HostName, name: Filled.max(100).optional() })
  .transform(({ host, name }) => ({ host, name: name ?? host }))

const Resource = z.string().transform((text, context) => {
  const [, kind, id = ''] = /^(client|host):(.+)$/.exec(text.trim()) ?? []
  if (kind === 'client') return { kind, id } as const
  if (kind === 'host') return { kind, id: id.toLowerCase() } as const
  context.addIssue('Write host:NAME or client:ID, like host:wiki.example.net.')
  return z.NEVER
})

const Who = z.string().transform((text, context) => {
  const word = text.trim()
  if (word === 'everybody') return { kind: 'everybody' } as const
  const [, kind, name = ''] = /^(user|group):(.+)$/.exec(word) ?? []
  if (kind === 'group') return { kind, name } as const
  if (kind === 'user' && /^[^@\s]+@[^@\s]+$/.test(name)) return { kind, email: name } as const
  context.addIssue('Write everybody, user:ADDRESS or group:NAME, like group:vpn.')
  return z.NEVER
})

/** The `access` section: the protected hosts, and rules that Slack shows and cannot change. */
export const Access = z
  .strictObject({
    hosts: z.array(Host).max(1_000).prefault([]),
    rules: z
      .array(z.strictObject({ to: z.array(Resource).min(1), who: z.array(Who).min(1) }))
      .max(1_000)
      .prefault([]),
  })
  .prefault({})
export type Access = z.output<typeof Access>

/**
 * What is wrong between `access` and the rest. `clientIds` are the OpenID clients as far as they could be read; undefined
 * leaves rules about clients unchecked. Pure.
 */
export function checkAccess(draft: {
  readonly access: Access | undefined
  readonly publicUrl: string | undefined
  readonly webIsThere: boolean
  readonly clientIds: readonly string[] | undefined
}): readonly RawMistake[] {
  const { hosts, rules } = draft.access ?? { hosts: [], rules: [] }
  const names = hosts.map(({ host }) => host)
  const own = draft.publicUrl === undefined ? undefined : new URL(draft.publicUrl).host
  const needsWeb = 'Protected hosts need the sign-in page. Add the section web.'
  return [
    ...(hosts.length > 0 && !draft.webIsThere ? [{ path: ['access', 'hosts'], sentence: needsWeb }] : []),
    ...names.flatMap((host, i) => {
      const path = ['access', 'hosts', i, 'host']
      if (host === own)
        return [{ path, sentence: 'This is the host of web.public_url, which has the sign-in page itself.' }]
      return names.indexOf(host) < i ? [{ path, sentence: `The host ${host} is there already.` }] : []
    }),
    ...rules.flatMap(({ to }, i) =>
      to.flatMap(({ kind, id }, j) => {
        const known = kind === 'host' ? names : draft.clientIds
        if (known === undefined || known.includes(id)) return []
        const where = kind === 'host' ? 'access.hosts' : 'openid.clients'
        const sentence = `${where} has no ${id}. Add it there, or take it out of this rule.`
        return [{ path: ['access', 'rules', i, 'to', j], sentence }]
      }),
    ),
  ]
}
