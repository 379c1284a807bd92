import { checkboxes, context, input, section } from '#src/slack/block-kit/index.ts'
import type { AnyBlock } from '#src/slack/context.ts'
import { evidenceWords, noteLabel, unaskedWords } from '#src/slack/messages/words.ts'
import { boldForeign, code, escapeMrkdwn } from '#src/slack/text.ts'
import { accountKey, type FoundTarget, type MatchedAccount, targetName } from '#src/iam/target.ts'

// Slack allows ten boxes in one block; a person with more accounts than three such blocks is not a person.
const perBlock = 10

/** One line of what was found: "Alice Nguyen · Finance · found in 3 of 4 systems". Mrkdwn. */
export function foundHeadline(found: FoundTarget, typed: string): string {
  const all = found.asked.length + found.unasked.length
  const systems = new Set(found.accounts.map((account) => account.systemId)).size
  const department = found.accounts.find((account) => account.confident)?.department
  const name = [
    boldForeign(targetName(found, typed)),
    ...(department === undefined ? [] : [escapeMrkdwn(department)]),
  ]
  if (found.accounts.length > 0)
    return `${name.join(' · ')} · found in ${systems} of ${all} ${all === 1 ? 'system' : 'systems'}`
  if (found.asked.length === 0) return `No system could be asked about ${code(typed)}.`
  return `I found nobody called ${code(typed)} in ${found.asked.map(escapeMrkdwn).join(', ')}.`
}

/** What marks an account out, in a few words: state first. Plain. */
export function accountMarks(account: MatchedAccount): string {
  const notes = account.notes.map(noteLabel).filter((note) => note !== undefined)
  const privileged = account.privileged.length === 0 ? [] : ['privileged']
  const guarded = account.protection.kind === 'two_approvers' ? ['needs two approvers'] : []
  const denied = account.protection.kind === 'deny' ? ['protected'] : []
  return [account.state, ...denied, ...guarded, ...privileged, ...notes].join(' · ')
}

/** State, evidence and marks, in the order in which a cut may take them; "disabled by T-4F7K2" says the state already. Plain. */
function accountLine(account: MatchedAccount): string {
  const [state, ...marks] = accountMarks(account).split(' · ')
  const evidence = evidenceWords(account.evidence)
  const first = evidence.startsWith(`${state} `) ? [evidence, ...marks] : [state, evidence, ...marks]
  return first.join(' · ')
}

/** The boxes of a form: confident accounts ticked, ambiguous ones to be picked, protected ones not offered. */
export function accountBoxes(options: {
  readonly found: FoundTarget
  readonly lookUpId: string
  readonly ticked: (account: MatchedAccount) => boolean
  readonly offered: (account: MatchedAccount) => boolean
}): AnyBlock[] {
  const offered = options.found.accounts.filter(options.offered)
  const pages = Array.from({ length: Math.ceil(offered.length / perBlock) }, (_, page) =>
    offered.slice(page * perBlock, (page + 1) * perBlock),
  )
  return pages.map((accounts, page) =>
    input({
      // Ticks belong to one look-up: another look-up's boxes are other blocks.
      blockId: `accounts:${page}:${options.lookUpId}`,
      label: page === 0 ? 'Accounts' : 'More accounts',
      optional: true,
      element: checkboxes({
        id: 'accounts',
        choices: accounts.map((account) => ({
          value: accountKey(account),
          text: `*${escapeMrkdwn(account.systemId)}*  ${escapeMrkdwn(account.login)}`,
          description: accountLine(account),
        })),
        ticked: accounts.filter(options.ticked).map(accountKey),
      }),
    }),
  )
}

/**
 * Lines about systems that could not be asked and about accounts that are shown but not offered; those with the same
 * reason share a line. `afterwards` says what becomes of the systems.
 */
export function cardNotes(
  found: FoundTarget,
  notOffered: (account: MatchedAccount) => string | undefined,
  afterwards = '',
): AnyBlock[] {
  const systems = found.unasked.map(
    (system) =>
      `⚠️ *${escapeMrkdwn(system.systemId)}* could not be asked (${unaskedWords(system.code)}).${afterwards}`,
  )
  const byReason = Map.groupBy(found.accounts, notOffered)
  const accounts = [...byReason].flatMap(([why, some]) => (why === undefined ? [] : [noteLine(some, why)]))
  const lines = [...systems, ...accounts]
  // One text: a context block holds ten, and none may be lost.
  return lines.length === 0 ? [] : [context(lines.join('\n'))]
}

function noteLine(accounts: readonly MatchedAccount[], why: string): string {
  const sign = accounts.some((account) => account.protection.kind === 'deny') ? '🔒' : '–'
  const names = accounts.map((account) => {
    const marks = accountMarks(account)
    const beside = marks === account.state ? '' : ` (${marks})`
    return `*${escapeMrkdwn(account.systemId)}* ${code(account.login)}${beside}`
  })
  return `${sign} ${names.join(', ')}: ${escapeMrkdwn(why)}`
}

/** The card without boxes, for `/user-status`. */
export function readOnlyCard(found: FoundTarget, typed: string): AnyBlock[] {
  const lines = found.accounts.map(
    (account) =>
      `${account.state === 'disabled' ? '○' : '●'} *${escapeMrkdwn(account.systemId)}*  ${code(account.login)}  ${escapeMrkdwn(accountLine(account))}`,
  )
  const accounts = lines.length === 0 ? [] : [section(lines.join('\n'))]
  return [section(foundHeadline(found, typed)), ...accounts, ...cardNotes(found, () => undefined)]
}

/** The card as one plain sentence, for screen readers. */
export function spokenCard(found: FoundTarget, typed: string): string {
  const accounts = found.accounts.map((one) => `${one.systemId}: ${one.login} is ${accountMarks(one)}`)
  const away = found.unasked.map((one) => `${one.systemId} could not be asked`)
  if (accounts.length === 0 && away.length === 0) return `I found nobody called ${escapeMrkdwn(typed)}.`
  return escapeMrkdwn(`${targetName(found, typed)}. ${[...accounts, ...away].join('; ')}.`)
}
