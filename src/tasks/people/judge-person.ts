import { accountKey, type FoundTarget, type MatchedAccount } from '#src/iam/target.ts'
import { isTarget } from '#src/approvals/policy.ts'
import type { LeftOut } from '#src/tasks/people/left-out.ts'
import type { Action } from '#src/tasks/task.ts'

/** What is decided about somebody on a list: which accounts are changed, or why nobody is. */
export type JudgedPerson =
  | {
      readonly kind: 'in'
      readonly chosen: readonly MatchedAccount[]
      /** How many more may be the person's; nobody picks them here, so they are left alone. */
      readonly others: number
    }
  | { readonly kind: 'out'; readonly why: LeftOut }

/**
 * Decides about somebody on a list as one decides about a single person whose form is submitted as it opens: accounts that
 * surely are theirs count, others need somebody to pick them. Who has a protected account is left out as a whole. Pure.
 */
export function judgePerson(about: {
  readonly action: Action
  readonly found: FoundTarget
  /** For Enable: the keys of the accounts that a Disable task changed; undefined where any may be enabled. */
  readonly disabledHere: ReadonlySet<string> | undefined
  readonly requesterEmail: string | undefined
}): JudgedPerson {
  const { action, found } = about
  const sure = found.accounts.filter((account) => account.confident)
  const others = found.accounts.length - sure.length
  const denied = sure.find((account) => account.protection.kind === 'deny')
  if (denied?.protection.kind === 'deny') {
    const { login, systemId, protection } = denied
    return out({ kind: 'protected', login, systemId, why: protection.why })
  }
  if (sure.length === 0 && others > 0) return out({ kind: 'ambiguous', hits: others })
  if (action === 'enable_account') return judgeEnable(about, sure, others)
  if (sure.length === 0 && found.unasked.length === 0) return out({ kind: 'unknown' })
  return { kind: 'in', chosen: sure, others }
}

function judgeEnable(
  about: Parameters<typeof judgePerson>[0],
  sure: readonly MatchedAccount[],
  others: number,
): JudgedPerson {
  const { found, disabledHere, requesterEmail } = about
  if (sure.length === 0) return out({ kind: found.unasked.length > 0 ? 'not_asked' : 'unknown' })
  if (
    isTarget(
      sure.flatMap((account) => account.emails),
      requesterEmail,
    )
  )
    return out({ kind: 'about_you' })
  const disabled = sure.filter((account) => account.state === 'disabled')
  if (disabled.length === 0) return out({ kind: 'enabled_already' })
  const chosen = disabled.filter((account) => disabledHere?.has(accountKey(account)) ?? true)
  if (chosen.length === 0) return out({ kind: 'not_disabled_here' })
  return { kind: 'in', chosen, others: others + disabled.length - chosen.length }
}

function out(why: LeftOut): JudgedPerson {
  return { kind: 'out', why }
}

/** Somebody who is in, by place, with the accounts that are to be changed. */
export interface PlacedPerson {
  readonly position: number
  readonly line: number
  readonly keys: readonly string[]
}

/**
 * Those whose accounts an earlier line has already: the same person by another name, or somebody who shares an account.
 * Each account is changed once, for the line that names it first. Pure.
 */
export function namedTwice(people: readonly PlacedPerson[]): ReadonlyMap<number, LeftOut> {
  const lineOf = new Map<string, number>()
  const twice = new Map<number, LeftOut>()
  for (const { position, line, keys } of people) {
    const taken = keys.flatMap((key) => lineOf.get(key) ?? [])
    const [first] = taken
    if (first === undefined) for (const key of keys) lineOf.set(key, line)
    else
      twice.set(
        position,
        taken.length === keys.length
          ? { kind: 'same_as', line: first }
          : { kind: 'shares_account', line: first },
      )
  }
  return twice
}
