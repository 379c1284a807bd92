import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { LdapEntry } from '#src/iam/ldap/entry.ts'
import type { OpenLdapSettings } from '#src/iam/openldap/settings.ts'

/** The lock that an administrator sets: it has no end (draft-behera-ldap-password-policy, pwdAccountLockedTime). */
export const administrativeLock = '000001010000Z'

/** The end date that Disable sets, long past. Unlike the lock it survives a change of the password. */
export const disabledEndTime = '20200101000000Z'

/** What we read of one person. */
const OpenLdapAccount = z.object({
  dn: z.string().min(1),
  id: z.guid(),
  /** `pwdAccountLockedTime`: the administrator's value, or the time of the last failure too many. */
  lock: z.string().optional(),
  endTime: z.string().optional(),
  startTime: z.string().optional(),
  mustChange: z.boolean(),
  /** `pwdFailureTime`; empty also when we may not read it. */
  failures: z.array(z.string()),
  policyDn: z.string().optional(),
  /** Values of the configured `disable_attribute`. */
  marker: z.array(z.string()),
  logins: z.array(z.string()),
  primaryEmails: z.array(z.string()),
  otherEmails: z.array(z.string()),
  displayName: z.string().optional(),
  department: z.string().optional(),
})
export type OpenLdapAccount = z.infer<typeof OpenLdapAccount>

/** The attributes to ask for; operational ones come only when named. */
export function accountAttributes(settings: OpenLdapSettings): readonly string[] {
  const own = settings.disableAttribute === undefined ? [] : [settings.disableAttribute.name]
  const policy = [
    'pwdAccountLockedTime',
    'pwdEndTime',
    'pwdStartTime',
    'pwdReset',
    'pwdFailureTime',
    'pwdPolicySubentry',
  ]
  const person = ['cn', 'displayName', 'departmentNumber', 'ou']
  return ['entryUUID', ...policy, ...person, ...settings.emailAttributes, ...settings.loginAttributes, ...own]
}

/** Who can change access rules and overlays. */
export const directoryAdministrator = "the directory's administrator (cn=config)"

/** Reads an entry. Throws `not_permitted` when it hides the id that every entry has, `bad_response` for what makes no sense. */
export function readAccount(entry: LdapEntry, settings: OpenLdapSettings): OpenLdapAccount {
  if (entry.text('entryUUID').length === 0)
    throw new ConnectorError('not_permitted', 'Every entry has an entryUUID, and this one shows none', {
      permission: 'read entryUUID',
      where: `below ${settings.baseDn}`,
      grantedBy: directoryAdministrator,
    })
  const first = (name: string) => entry.text(name)[0]
  const all = (names: readonly string[]) => names.flatMap((name) => entry.text(name))
  const parsed = OpenLdapAccount.safeParse({
    dn: entry.dn,
    id: first('entryUUID')?.toLowerCase(),
    lock: first('pwdAccountLockedTime'),
    endTime: first('pwdEndTime'),
    startTime: first('pwdStartTime'),
    mustChange: first('pwdReset') === 'TRUE',
    failures: [...entry.text('pwdFailureTime')],
    policyDn: first('pwdPolicySubentry'),
    marker: settings.disableAttribute === undefined ? [] : [...entry.text(settings.disableAttribute.name)],
    logins: all(settings.loginAttributes),
    primaryEmails: all(settings.emailAttributes.slice(0, 1)),
    otherEmails: all(settings.emailAttributes.slice(1)),
    displayName: first('displayName') ?? first('cn'),
    department: first('departmentNumber') ?? first('ou'),
  })
  if (parsed.success) return parsed.data
  const facts = { detail: 'entry_incomplete', where: entry.dn }
  throw new ConnectorError('bad_response', `Not a whole person: ${z.prettifyError(parsed.error)}`, facts)
}
