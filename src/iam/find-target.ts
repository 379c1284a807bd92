import { ConnectorError } from '#src/errors.ts'
import type { FoundAccount, IamConnector, PersonQuery } from '#src/iam/connector.ts'
import { addressesToFollow, type KnownAccount, type Match, matchAccounts } from '#src/iam/match.ts'
import type { FoundTarget, MatchedAccount, UnaskedSystem } from '#src/iam/target.ts'
import type { Log } from '#src/log.ts'
import { decideProtection, type ProtectionRules } from '#src/people/protection.ts'

/** What a look-up needs. */
export interface LookUpDeps {
  readonly connectors: readonly IamConnector[]
  readonly protection: ProtectionRules
  /** After this time a system counts as one that could not be asked; the others' answers stand. */
  readonly lookUpTimeoutMs: number
  readonly log: Log
  /** Accounts that are surely the target's already: others are followed from them and must fit them. */
  readonly known?: readonly KnownAccount[] | undefined
}

type Answer = { readonly connector: IamConnector } & (
  | { readonly kind: 'hits'; readonly hits: readonly FoundAccount[] }
  | ({ readonly kind: 'unasked' } & Pick<UnaskedSystem, 'code' | 'facts'>)
)

/**
 * Asks all IAM systems at the same time who the query means. Systems that found nobody are asked once more by the
 * addresses of the accounts that were surely found. Never throws for a system: one that could not be asked is listed.
 */
export async function findTarget(
  deps: LookUpDeps,
  query: PersonQuery,
  signal: AbortSignal,
): Promise<FoundTarget> {
  const firsts = await Promise.all(deps.connectors.map((connector) => ask(deps, connector, query, signal)))
  const addresses = addressesToFollow(judge(firsts, deps.known), deps.known)
  const answers = await Promise.all(
    firsts.map(async (answer) =>
      answer.kind === 'hits' && answer.hits.length === 0
        ? followUp(deps, answer, addresses, query, signal)
        : answer,
    ),
  )
  return {
    accounts: judge(answers, deps.known).map((match) => describeMatch(deps, match)),
    unasked: answers.flatMap((answer): UnaskedSystem[] => {
      const { id, kind } = answer.connector.system
      if (answer.kind !== 'unasked') return []
      return [{ systemId: id, systemKind: kind, code: answer.code, facts: answer.facts }]
    }),
    asked: answers.flatMap((answer) => (answer.kind === 'hits' ? [answer.connector.system.id] : [])),
  }
}

/** One account as the match card and the tasks keep it, with its protection decided. Pure. */
export function describeMatch(
  deps: Pick<LookUpDeps, 'connectors' | 'protection'>,
  match: Match,
): MatchedAccount {
  const { account, systemId } = match
  const system = deps.connectors.find((one) => one.system.id === systemId)?.system
  if (system === undefined) throw new Error(`a match names the unknown IAM system ${systemId}`)
  return {
    systemId,
    systemKind: system.kind,
    accountId: account.id,
    login: account.login,
    displayName: account.displayName,
    department: account.department,
    // A sign-in name that is an address counts as one: the person must be recognised by it, too.
    emails: [...new Set([...account.emails, ...account.logins.filter((login) => login.includes('@'))])],
    primaryEmail: account.primaryEmail,
    state: account.state,
    notes: [...account.notes],
    evidence: match.evidence,
    confident: match.confident,
    privileged: [...account.privileged],
    protection: decideProtection(account, systemId, deps.protection),
    synchronized: account.synchronized ?? false,
  }
}

function judge(answers: readonly Answer[], known: readonly KnownAccount[] = []): readonly Match[] {
  return matchAccounts(
    answers.flatMap((answer) =>
      answer.kind === 'hits' ? [{ systemId: answer.connector.system.id, hits: answer.hits }] : [],
    ),
    known,
  )
}

async function followUp(
  deps: LookUpDeps,
  first: Answer,
  addresses: readonly string[],
  query: PersonQuery,
  signal: AbortSignal,
): Promise<Answer> {
  const seen = new Map<string, FoundAccount>()
  for (const value of addresses) {
    if (query.kind === 'address' && query.value.toLowerCase() === value) continue
    const answer = await ask(deps, first.connector, { kind: 'address', value }, signal)
    if (answer.kind === 'unasked') return answer
    for (const hit of answer.hits) if (!seen.has(hit.id)) seen.set(hit.id, hit)
  }
  return { connector: first.connector, kind: 'hits', hits: [...seen.values()] }
}

async function ask(
  deps: LookUpDeps,
  connector: IamConnector,
  query: PersonQuery,
  signal: AbortSignal,
): Promise<Answer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(deps.lookUpTimeoutMs)])
  try {
    return { connector, kind: 'hits', hits: await connector.find(query, limit) }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ConnectorError)
      return { connector, kind: 'unasked', code: error.code, facts: error.facts }
    if (limit.aborted) return { connector, kind: 'unasked', code: 'timed_out' }
    // A bug in one connector must not cost the answers of the others.
    deps.log.error(
      { err: error, system: connector.system.id },
      'a connector failed unexpectedly while looking up',
    )
    return { connector, kind: 'unasked', code: 'bad_response' }
  }
}
