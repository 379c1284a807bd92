import { isIP } from 'node:net'
import { z } from 'zod'
import { secret } from '#src/secrets.ts'

/** One server to talk to. `secure` means TLS from the first byte (`ldaps://`). */
export interface LdapAddress {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly secure: boolean
}

/** Where the servers of one directory are and how they prove who they are. Addresses are tried in turn. */
export interface LdapServers {
  readonly addresses: readonly LdapAddress[]
  readonly startTls: boolean
  /** PEM file with the authorities to trust; undefined = those of the machine. */
  readonly caFile: string | undefined
}

function parseAddress(text: string): LdapAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const secure = url?.protocol === 'ldaps:'
  if (url === undefined || (!secure && url.protocol !== 'ldap:')) return undefined
  const bare = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (host === '' || !bare || !['', '/'].includes(url.pathname)) return undefined
  return { url: text, host, port: url.port === '' ? (secure ? 636 : 389) : Number(url.port), secure }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** The `url` key: addresses separated by spaces, each `ldaps://host[:port]` or `ldap://host[:port]`. */
const Addresses = z.string().transform((text, context): readonly LdapAddress[] => {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const addresses = words.flatMap((word) => parseAddress(word) ?? [])
  if (words.length === 0 || addresses.length < words.length)
    context.addIssue('Give addresses like ldaps://dc1.corp.example.com:636, separated by spaces.')
  return addresses
})

/** A distinguished name or attribute value that must not be empty. */
export const Filled = z.string().trim().min(1)

/** An attribute's name as directories write it; also keeps anything else out of filters. */
export const AttributeName = z.string().regex(/^[A-Za-z][A-Za-z0-9;-]*$/, 'Give an attribute name like mail.')

/** An empty password would be an anonymous sign-in, which some servers answer with success. */
export const Password = z.string().min(1, 'The password is empty.').transform(secret)

/** The keys that every kind of LDAP directory has, to be spread into a strict object. */
export const ldapKeys = {
  id: z.string().min(1),
  url: Addresses,
  start_tls: z.boolean().default(false),
  ca_file: Filled.optional(),
  bind_dn: Filled,
  bind_password: Password,
  base_dn: Filled,
}

interface TransportKeys {
  readonly url: readonly LdapAddress[]
  readonly start_tls: boolean
  readonly ca_file?: string | undefined
}

/** Has a check between keys run even where another key is wrong, so that every mistake is told at once. */
export const evenWithMistakes: z.core.$ZodSuperRefineParams = {
  when: ({ value }) => typeof value === 'object' && value !== null,
}

/** Refuses what would send the password in clear text over a network. */
export function checkTransport(keys: TransportKeys, context: z.core.$RefinementCtx): void {
  // Where it could not be read, which has been said, it is still what was written.
  if (!Array.isArray(keys.url) || !keys.url.every((one) => typeof one === 'object' && one !== null)) return
  const plain = keys.url.filter((address) => !address.secure)
  if (keys.start_tls && plain.length === 0)
    context.addIssue({
      code: 'custom',
      path: ['start_tls'],
      message: 'start_tls goes with ldap:// addresses; ldaps:// has TLS already. Leave it out.',
    })
  if (keys.start_tls || plain.every((address) => isLoopback(address.host))) return
  context.addIssue({
    code: 'custom',
    path: ['url'],
    message: 'ldap:// without start_tls is for this machine only. Use ldaps:// or set start_tls: true.',
  })
}

/** What the keys of every kind of LDAP directory say, as the connector takes it. */
export function sharedSettings(keys: z.output<z.ZodObject<typeof ldapKeys>>) {
  return {
    id: keys.id,
    servers: { addresses: keys.url, startTls: keys.start_tls, caFile: keys.ca_file } satisfies LdapServers,
    bindDn: keys.bind_dn,
    bindPassword: keys.bind_password,
    baseDn: keys.base_dn,
  }
}
