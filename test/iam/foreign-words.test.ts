import {
  BusyError,
  InsufficientAccessError,
  InvalidCredentialsError,
  NoSuchObjectError,
  type ResultCodeError,
} from 'ldapts'
import { describe, expect, it } from 'vitest'
import { graphError } from '#src/iam/entra/errors.ts'
import { graphRights } from '#src/iam/entra/permissions.ts'
import { failureOf } from '#src/iam/ldap/failures.ts'
import { refusalOf } from '#src/iam/okta/errors.ts'
import { oktaRights } from '#src/iam/okta/permissions.ts'

const now = new Date('2026-03-04T12:00:00Z')
const words = [
  ['English', 'Cannot suspend a user that is not active'],
  ['German', 'Der Benutzer ist bereits deaktiviert und kann nicht gesperrt werden'],
  ['Japanese', 'ユーザーは既に無効です'],
  ['a sentence that says the opposite', 'Success. The user was disabled. insufficient privileges, not found'],
  ['nothing', ''],
] as const

describe('what a system writes for people decides nothing: in every language', () => {
  it.each(words)('Okta is understood by status and error code (%s)', (_, errorSummary) => {
    const meant = [400, 403, 404, 429].map((status, place) => {
      const errorCode = ['E0000001', 'E0000006', 'E0000007', 'E0000047'][place]
      const body = { errorCode, errorSummary, errorCauses: [{ errorSummary }] }
      const answer = { status, headers: new Headers(), durationMs: 1, body }
      return refusalOf(answer, { right: oktaRights.suspend, changes: true }, now).code
    })
    expect(meant).toEqual(['refused_by_vendor', 'not_permitted', 'not_found', 'rate_limited'])
  })

  it.each(words)('Graph is understood by status and error code (%s)', (_, message) => {
    const meant = [400, 403, 404, 429].map((status, place) => {
      const code = ['Request_BadRequest', 'Authorization_RequestDenied', 'Request_ResourceNotFound', ''][
        place
      ]
      const answer = { status, headers: new Headers(), durationMs: 1, body: { error: { code, message } } }
      return graphError(answer, { right: graphRights.enableDisable, changes: true }, now).code
    })
    expect(meant).toEqual(['refused_by_vendor', 'not_permitted', 'not_found', 'rate_limited'])
  })

  it.each(words)('directories are understood by their numbers (%s)', (_, text) => {
    const refused = (error: ResultCodeError) => {
      const { code, facts } = failureOf(error, error instanceof InvalidCredentialsError ? 'bind' : 'write')
      return facts.detail === undefined ? code : `${code} ${facts.detail}`
    }
    const windows = (data: string) => `80090308: LdapErr: DSID-0C0903A9, ${text}, data ${data}, v1db1`
    expect([
      refused(new InvalidCredentialsError(windows('533'))),
      refused(new InvalidCredentialsError(windows('775'))),
      refused(new InsufficientAccessError(text)),
      refused(new NoSuchObjectError(text)),
      refused(new BusyError(text)),
    ]).toEqual([
      'bad_credentials account_disabled',
      'bad_credentials account_locked',
      'not_permitted',
      'not_found no_such_entry',
      'unavailable busy',
    ])
  })
})
