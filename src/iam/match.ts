import type { FoundAccount, FoundBy } from '#src/iam/connector.ts'
import type { Evidence } from '#src/iam/target.ts'

/** What one system answered to one query. */
export interface SystemHits {
  readonly systemId: string
  readonly hits: readonly FoundAccount[]
}

/** An account that a task already covers: others found for it must fit. */
export interface KnownAccount {
  readonly emails: readonly string[]
  readonly primaryEmail?: string | undefined
}

/** One account with the judgement whether it surely is the target's. */
export interface Match {
  readonly systemId: string
  readonly account: FoundAccount
  readonly evidence: Evidence
  readonly confident: boolean
}

// People can often edit a second address themselves, so being found by one proves nothing.
const strong: ReadonlySet<FoundBy> = new Set<FoundBy>([
  'id',
  'sid',
  'dn',
  'user_principal_name',
  'email',
  'login',
])

/**
 * Judges what was found: an account is confident when it is its system's only strong hit, or carries an immutable id
 * of a confident account elsewhere. Systems that found a person by login alone and disagree about the person's e-mail
 * are all left to be picked by hand: the same login may belong to two people. So is one that disagrees with an account
 * that is known already. Pure.
 */
export function matchAccounts(
  answers: readonly SystemHits[],
  known: readonly KnownAccount[] = [],
): readonly Match[] {
  const firsts = answers.flatMap(({ systemId, hits }) => {
    const only = hits.filter((hit) => strong.has(hit.foundBy))
    return hits.map((account) => ({
      systemId,
      account,
      evidence: { by: account.foundBy },
      confident: only.length === 1 && only[0] === account,
    }))
  })
  const doubted = loginsDisagree(firsts, known)
  const judged = firsts.map((match) =>
    doubted && match.account.foundBy === 'login' ? { ...match, confident: false } : match,
  )
  return judged.map((match) => sharedIdEvidence(match, judged) ?? match)
}

function loginsDisagree(matches: readonly Match[], known: readonly KnownAccount[]): boolean {
  const sure = matches.filter((match) => match.confident && match.account.emails.length > 0)
  const byLogin = sure.filter((match) => match.account.foundBy === 'login')
  const others = known.filter((account) => account.emails.length > 0)
  if (byLogin.some((match) => others.some((other) => !shareEmail(match.account, other)))) return true
  if (byLogin.length === 0) return false
  return sure.some((one, index) => sure.slice(index + 1).some((other) => !agree(one.account, other.account)))
}

function agree(one: FoundAccount, other: FoundAccount): boolean {
  return sharedId(one, other) !== undefined || shareEmail(one, other)
}

function shareEmail(one: KnownAccount, other: KnownAccount): boolean {
  const emails = new Set(one.emails.map((email) => email.toLowerCase()))
  return other.emails.some((email) => emails.has(email.toLowerCase()))
}

function sharedId(
  one: FoundAccount,
  other: FoundAccount,
): 'same_object_guid' | 'same_object_sid' | 'same_source_anchor' | undefined {
  const { objectGuid, objectSid, sourceAnchor } = one.sharedIds
  if (objectGuid !== undefined && objectGuid === other.sharedIds.objectGuid) return 'same_object_guid'
  if (objectSid !== undefined && objectSid === other.sharedIds.objectSid) return 'same_object_sid'
  if (sourceAnchor !== undefined && sourceAnchor === other.sharedIds.sourceAnchor) return 'same_source_anchor'
  return undefined
}

function sharedIdEvidence(match: Match, all: readonly Match[]): Match | undefined {
  for (const other of all) {
    if (other.systemId === match.systemId || !other.confident) continue
    const by = sharedId(match.account, other.account)
    if (by !== undefined) return { ...match, confident: true, evidence: { by, as: other.systemId } }
  }
  return match.confident ? undefined : sameNumber(match, all)
}

/** The personnel number proves nothing, but helps whoever has to pick. */
function sameNumber(match: Match, all: readonly Match[]): Match | undefined {
  const { employeeId } = match.account
  if (employeeId === undefined || employeeId === '') return undefined
  const other = all.find(
    (one) => one.confident && one.systemId !== match.systemId && one.account.employeeId === employeeId,
  )
  return other && { ...match, evidence: { by: 'same_employee_id', as: other.systemId } }
}

/**
 * The addresses by which systems that found nobody are asked once more: the primary ones of the confident accounts, and
 * those of accounts that are known already. Pure.
 */
export function addressesToFollow(
  matches: readonly Match[],
  known: readonly KnownAccount[] = [],
): readonly string[] {
  const confident = matches.filter((match) => match.confident).map((match) => match.account)
  const primary = [...known, ...confident].map((account) => account.primaryEmail)
  const signIns = confident.flatMap((account) => account.logins.filter((login) => login.includes('@')))
  const all = [...primary.filter((email) => email !== undefined), ...signIns]
  return [...new Set(all.map((address) => address.toLowerCase()))].slice(0, 4)
}
