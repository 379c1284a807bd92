import type { RightCheck } from '#src/iam/connector.ts'
import type { LdapSession } from '#src/iam/ldap.ts'
import { present } from '#src/iam/ldap/filter.ts'
import { type OpenLdapAccount, directoryAdministrator } from '#src/iam/openldap/account.ts'
import { type OpenLdapDeps, searchPeople } from '#src/iam/openldap/deps.ts'
import { hasReadableMembers } from '#src/iam/openldap/groups.ts'
import { harmless } from '#src/iam/openldap/find.ts'
import { resetChanges } from '#src/iam/openldap/reset.ts'
import type { LdapChange } from '#src/iam/ldap/messages.ts'
import { disableChanges } from '#src/iam/openldap/lock.ts'

const sampleSize = 5

function check(right: string, granted: boolean | undefined): RightCheck {
  const status = granted === undefined ? 'not_provable' : granted ? 'granted' : 'missing'
  return { right, status, grantedBy: status === 'granted' ? undefined : directoryAdministrator }
}

/** Looks at each right on a few people without changing anything: writes are asked about with the no-op control. */
export async function checkOpenLdapRights(
  deps: OpenLdapDeps,
  session: LdapSession,
): Promise<readonly RightCheck[]> {
  const { settings } = deps
  const { connection, policy } = session
  const people = await searchPeople(connection, settings, present('objectClass'), sampleSize)
  const samples = people.filter((person) => person.lock === undefined)
  const found = check(`read people below ${settings.baseDn}`, people.length > 0)
  const names = await Promise.all(
    [settings.loginAttributes, settings.emailAttributes].map((attributes) =>
      readable(deps, session, people, attributes),
    ),
  )
  const rule = settings.disableAttribute
  const written = [...disableChanges(rule), ...(rule === undefined ? resetChanges : [])]
  const rights = await Promise.all(
    written.map(async (change) =>
      check(
        `write ${change.attribute} below ${settings.baseDn}`,
        await mayWrite(deps, session, samples, change),
      ),
    ),
  )
  const elsewhere = await connection.referralsBelow(settings.baseDn)
  const whole = elsewhere.length === 0 ? [] : [check(`all of ${settings.baseDn} on this server`, false)]
  // Where a protected group is hidden everybody is taken for protected, and nobody can be disabled.
  const groups = await Promise.all(
    deps.protectedGroups.map(async (group) =>
      check(`read the members of ${group}`, await hasReadableMembers(connection, group)),
    ),
  )
  const read = [found, ...names.flat(), ...groups, ...whole]
  if (rule !== undefined) return [...read, ...rights]
  const overlay = check('password policy overlay (ppolicy) where our own account lives', policy !== 'absent')
  return [...read, ...rights, ...(await policyRights(deps, session, samples)), overlay]
}

const noTime = '19700101000000Z'
// What the state of an account is read from, each with a value that is well-formed for it.
const onPeople = [
  ['pwdFailureTime', noTime],
  ['pwdPolicySubentry', 'cn=nobody'],
  ['pwdStartTime', noTime],
] as const
// What a policy says about locks by failures and about resets.
const onPolicies = [
  ['pwdLockoutDuration', '0'],
  ['pwdMustChange', 'TRUE'],
  ['pwdAllowUserChange', 'TRUE'],
] as const

/** What is read of the overlay. An attribute that may not be read looks like one that is not there, so it is compared. */
async function policyRights(
  { settings }: OpenLdapDeps,
  { connection }: LdapSession,
  samples: readonly OpenLdapAccount[],
): Promise<readonly RightCheck[]> {
  const [sample] = samples
  const policy = samples.find((person) => person.policyDn !== undefined)?.policyDn
  const mayCompare = async (dn: string | undefined, attribute: string, value: string) =>
    dn === undefined ? undefined : await connection.mayCompare(dn, attribute, value)
  return await Promise.all([
    ...onPeople.map(async ([attribute, value]) =>
      check(`read ${attribute} below ${settings.baseDn}`, await mayCompare(sample?.dn, attribute, value)),
    ),
    ...(policy === undefined ? [] : onPolicies).map(async ([attribute, value]) =>
      check(`read ${attribute} of ${policy}`, await mayCompare(policy, attribute, value)),
    ),
  ])
}

/**
 * Whether people can be found by these. What may not be read looks like what nobody has; that nobody has the first of
 * them is as bad.
 */
async function readable(
  deps: OpenLdapDeps,
  { connection }: LdapSession,
  people: readonly OpenLdapAccount[],
  attributes: readonly string[],
): Promise<readonly RightCheck[]> {
  if (people.length === 0) return []
  const { settings } = deps
  return await Promise.all(
    attributes.map(async (attribute, index): Promise<RightCheck> => {
      const [shown] = await searchPeople(connection, settings, present(attribute), 1)
      const granted = shown !== undefined || (index > 0 ? undefined : false)
      const one = check(`read ${attribute} below ${settings.baseDn}`, granted)
      return shown === undefined ? { ...one, where: 'nobody there shows one' } : one
    }),
  )
}

async function mayWrite(
  deps: OpenLdapDeps,
  session: LdapSession,
  samples: readonly OpenLdapAccount[],
  change: LdapChange,
): Promise<boolean | undefined> {
  const answers = await Promise.all(
    samples.map((person) => {
      return session.connection.mayModify(person.dn, harmless(person, deps.settings, [change]))
    }),
  )
  if (answers.length === 0 || answers.includes(undefined)) return undefined
  return answers.every((answer) => answer === true)
}
