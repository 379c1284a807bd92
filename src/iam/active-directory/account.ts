import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import { guidText, sidText } from '#src/iam/active-directory/ids.ts'
import type { LdapEntry } from '#src/iam/ldap/entry.ts'

const wholeNumber = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number)

/** What we read of one person. */
const DomainAccount = z.object({
  dn: z.string().min(1),
  /** objectGUID as text. */
  id: z.guid(),
  sid: z.string().startsWith('S-1-'),
  /** What Entra Connect ties the Entra account to: base64 of mS-DS-ConsistencyGuid, else of objectGUID. */
  sourceAnchor: z.string(),
  employeeId: z.string().optional(),
  samName: z.string().min(1),
  principalName: z.string().optional(),
  mail: z.string().optional(),
  proxyAddresses: z.array(z.string()),
  displayName: z.string().optional(),
  department: z.string().optional(),
  control: wholeNumber,
  /** Flags that the directory computes, e.g. locked by failures; undefined when it did not say. */
  computedControl: wholeNumber.optional(),
  lockoutTime: z.string().optional(),
  passwordSetAt: z.string().optional(),
  accountExpires: z.string().optional(),
  noLogonHours: z.boolean(),
  adminCount: z.string().optional(),
  primaryGroupId: wholeNumber.optional(),
  /** SIDs of all groups, nested ones and the primary one too; empty when it could not be read. */
  groupSids: z.array(z.string()),
  /** Attributes of this entry that we may write. */
  writable: z.array(z.string()),
})
export type DomainAccount = z.infer<typeof DomainAccount>

/** Attributes to ask for; the constructed ones come only from a read of one entry. */
export const accountAttributes: readonly string[] = [
  'objectGUID objectSid sAMAccountName userPrincipalName mail proxyAddresses displayName name department',
  'userAccountControl msDS-User-Account-Control-Computed lockoutTime pwdLastSet accountExpires logonHours',
  'adminCount primaryGroupID tokenGroups allowedAttributesEffective mS-DS-ConsistencyGuid employeeID',
].flatMap((names) => names.split(' '))

/** Those of them that are bytes. */
export const binaryAttributes = [
  'objectGUID',
  'objectSid',
  'tokenGroups',
  'logonHours',
  'mS-DS-ConsistencyGuid',
] as const

/** Reads an entry. Throws `bad_response` when it lacks what every account has. */
export function readDomainAccount(entry: LdapEntry): DomainAccount {
  const first = (name: string) => entry.text(name)[0]
  const bytes = (name: string) => entry.bytes(name)[0] ?? Buffer.alloc(0)
  const hours = entry.bytes('logonHours')[0]
  const parsed = DomainAccount.safeParse({
    dn: entry.dn,
    id: guidText(bytes('objectGUID')),
    sid: sidText(bytes('objectSid')),
    sourceAnchor: (entry.bytes('mS-DS-ConsistencyGuid')[0] ?? bytes('objectGUID')).toString('base64'),
    employeeId: first('employeeID'),
    samName: first('sAMAccountName'),
    principalName: first('userPrincipalName'),
    mail: first('mail'),
    proxyAddresses: [...entry.text('proxyAddresses')],
    displayName: first('displayName') ?? first('name'),
    department: first('department'),
    control: first('userAccountControl'),
    computedControl: first('msDS-User-Account-Control-Computed'),
    lockoutTime: first('lockoutTime'),
    passwordSetAt: first('pwdLastSet'),
    accountExpires: first('accountExpires'),
    noLogonHours: hours !== undefined && hours.length > 0 && hours.every((hour) => hour === 0),
    adminCount: first('adminCount'),
    primaryGroupId: first('primaryGroupID'),
    groupSids: entry.bytes('tokenGroups').flatMap((sid) => sidText(sid) ?? []),
    writable: [...entry.text('allowedAttributesEffective')],
  })
  if (parsed.success) return parsed.data
  const facts = { detail: 'entry_incomplete', where: entry.dn }
  throw new ConnectorError('bad_response', `Not a whole account: ${z.prettifyError(parsed.error)}`, facts)
}
