import type { RightCheck } from '#src/iam/connector.ts'
import type { LdapSession } from '#src/iam/ldap.ts'
import { present } from '#src/iam/ldap/filter.ts'
import type { OpenLdapAccount } from '#src/iam/openldap/account.ts'
import { type OpenLdapDeps, searchPeople } from '#src/iam/openldap/deps.ts'
import { harmless } from '#src/iam/openldap/find.ts'
import { directoryAdministrator, disableChanges } from '#src/iam/openldap/lock.ts'

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
  const written = disableChanges(settings.disableAttribute).map((change) => change.attribute)
  const rights = await Promise.all(
    written.map(async (attribute) =>
      check(`write ${attribute} below ${settings.baseDn}`, await mayWrite(deps, session, samples, attribute)),
    ),
  )
  const elsewhere = await connection.referralsBelow(settings.baseDn)
  const whole = elsewhere.length === 0 ? [] : [check(`all of ${settings.baseDn} on this server`, false)]
  if (settings.disableAttribute !== undefined) return [found, ...whole, ...rights]
  const overlay = check('password policy overlay (ppolicy) where our own account lives', policy !== 'absent')
  // Without a failure on record an attribute that may not be read looks like one that is not there.
  const failures = await searchPeople(connection, settings, present('pwdFailureTime'), 1)
  const counted = check(
    `read pwdFailureTime below ${settings.baseDn}`,
    failures.length > 0 ? true : undefined,
  )
  return [found, ...whole, ...rights, counted, overlay]
}

async function mayWrite(
  deps: OpenLdapDeps,
  session: LdapSession,
  samples: readonly OpenLdapAccount[],
  attribute: string,
): Promise<boolean | undefined> {
  const answers = await Promise.all(
    samples.map((person) => {
      const changes = harmless(person, deps.settings).filter((change) => change.attribute === attribute)
      return session.connection.mayModify(person.dn, changes)
    }),
  )
  if (answers.length === 0 || answers.includes(undefined)) return undefined
  return answers.every((answer) => answer === true)
}
