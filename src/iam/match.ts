import type { FoundAccount, FoundBy } from '#src/iam/connector.ts'
import type { Evidence } from '#src/iam/target.ts'

/** What one system answered to one query. */
export interface SystemHits {
  readonly systemId: string
  readonly hits: readonly FoundAccount[]
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
 * are all left to be picked by hand: the same login may belong to two people. Pure.
 */
export function matchAccounts(answers: readonly SystemHits[]): readonly Match[] {
  const firsts = answers.flatMap(({ systemId, hits }) => {
    const only = hits.filter((hit) => strong.has(hit.foundBy))
    return hits.map((account) => ({
      systemId,
      account,
      evidence: { by: account.foundBy },
      confident: only.length === 1 && only[0] === account,
    }))
  })
  const doubted = loginsDisagree(firsts)
  const judged = firsts.map((match) =>
    doubted && match.account.foundBy === 'login' ? { ...match, confident: false } : match,
  )
  return judged.map((match) => sharedIdEvidence(match, judged) ?? match)
}

function loginsDisagree(matches: readonly Match[]): boolean {
  const known = matches.filter((match) => match.confident && match.account.emails.length > 0)
  if (!known.some((match) => match.account.foundBy === 'login')) return false
  return known.some((one, index) =>
    known.slice(index + 1).some((other) => !agree(one.account, other.account)),
  )
}

function agree(one: FoundAccount, other: FoundAccount): boolean {
  const emails = new Set(one.emails.map((email) => email.toLowerCase()))
  return sharedId(one, other) !== undefined || other.emails.some((email) => emails.has(email.toLowerCase()))
}

function sharedId(
  one: FoundAccount,
  other: FoundAccount,
): 'same_object_guid' | 'same_object_sid' | undefined {
  const { objectGuid, objectSid } = one.sharedIds
  if (objectGuid !== undefined && objectGuid === other.sharedIds.objectGuid) return 'same_object_guid'
  if (objectSid !== undefined && objectSid === other.sharedIds.objectSid) return 'same_object_sid'
  return undefined
}

function sharedIdEvidence(match: Match, all: readonly Match[]): Match | undefined {
  for (const other of all) {
    if (other.systemId === match.systemId || !other.confident) continue
    const by = sharedId(match.account, other.account)
    if (by !== undefined) return { ...match, confident: true, evidence: { by, as: other.systemId } }
  }
  return undefined
}

/** The addresses by which systems that found nobody are asked once more: those of the confident accounts. Pure. */
export function addressesToFollow(matches: readonly Match[]): readonly string[] {
  const addresses = matches
    .filter((match) => match.confident)
    .flatMap((match) => [
      ...match.account.emails.slice(0, 1),
      ...match.account.logins.filter((login) => login.includes('@')),
    ])
  return [...new Set(addresses.map((address) => address.toLowerCase()))].slice(0, 3)
}
