import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { AccountNote } from '#src/iam/connector.ts'

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined)
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? [])

/** A person as Graph shows them ("user resource type"), as far as we select. */
const EntraUser = z.object({
  id: z.string().min(1),
  userPrincipalName: z.string().min(1),
  displayName: text,
  department: text,
  employeeId: text,
  mail: text,
  otherMails: texts,
  proxyAddresses: texts,
  accountEnabled: z.boolean(),
  userType: text,
  onPremisesSyncEnabled: z.boolean().nullish(),
  onPremisesImmutableId: text,
  onPremisesSecurityIdentifier: text,
  onPremisesSamAccountName: text,
  isManagementRestricted: z.boolean().nullish(),
  signInSessionsValidFromDateTime: text,
})
export type EntraUser = z.infer<typeof EntraUser>

/** What is asked for: by default Graph tells less. */
export const selected = Object.keys(EntraUser.shape).join(',')

const Page = z.object({ value: z.array(EntraUser), '@odata.nextLink': z.string().optional() })

/** Reads one person. Throws `bad_response`. */
export function readUser(body: unknown): EntraUser {
  return readAnswer(EntraUser, body)
}

/** Reads a list of people; further pages are not asked for. Throws `bad_response`. */
export function readUsers(body: unknown): readonly EntraUser[] {
  return readAnswer(Page, body).value
}

/** Reads what Graph answered. Throws `bad_response` for another shape. */
export function readAnswer<T>(shape: z.ZodType<T>, body: unknown): T {
  const read = shape.safeParse(body)
  if (read.success) return read.data
  throw new ConnectorError('bad_response', `Not what Graph answers: ${z.prettifyError(read.error)}`, {
    detail: 'unexpected_answer',
  })
}

/** Invited from another tenant, which keeps the password and the sessions. */
export function isGuest({
  userType,
  userPrincipalName,
}: Pick<EntraUser, 'userType' | 'userPrincipalName'>): boolean {
  return userType === 'Guest' || userPrincipalName.includes('#EXT#')
}

/** An on-premises Active Directory masters the account. `false` means that one did once. */
export function isSynchronized(user: Pick<EntraUser, 'onPremisesSyncEnabled'>): boolean {
  return user.onPremisesSyncEnabled === true
}

/** What a responder should see beside the state. */
export function notesOf(user: EntraUser): readonly AccountNote[] {
  return [
    ...(isSynchronized(user) ? (['synchronized'] as const) : []),
    ...(isGuest(user) ? (['guest'] as const) : []),
    ...(user.isManagementRestricted === true ? (['management_restricted'] as const) : []),
  ]
}

/** The addresses that administrators gave: the mail and the aliases, without prefix. */
export function addressesOf({
  mail,
  proxyAddresses,
}: Pick<EntraUser, 'mail' | 'proxyAddresses'>): readonly string[] {
  const aliases = proxyAddresses.flatMap((alias) => /^smtp:(.+)$/iu.exec(alias)?.[1] ?? [])
  return [...(mail === undefined ? [] : [mail]), ...aliases]
}
