import { code, escapeMrkdwn } from '#src/slack/text.ts'
import type { LeftOut } from '#src/tasks/people/left-out.ts'

/** Why somebody on a list is left out, in a few words that stand after their name. Plain. */
export function leftOutWords(why: LeftOut): string {
  switch (why.kind) {
    case 'unreadable':
      return 'cannot be read as a name'
    case 'same_as':
      return `the same person as in line ${why.line}`
    case 'shares_account':
      return `shares an account with line ${why.line}; ask for this person alone`
    case 'unknown':
      return 'no IAM system knows this name'
    case 'ambiguous':
      return why.hits === 1
        ? 'one account that may be somebody else’s; ask for this person alone'
        : `${why.hits} accounts that cannot be told apart; ask for this person alone`
    case 'protected':
      return `protected: ${why.login} in ${why.systemId}, because ${why.why}`
    case 'not_disabled_here':
      return 'not disabled by Drawbridge (setting enforcement.enable_requires_prior_disable)'
    case 'enabled_already':
      return 'enabled already'
    case 'about_you':
      return 'your own account; somebody else has to ask for it'
    case 'covered':
      return `${why.taskId} does this already`
    case 'not_asked':
      return 'the IAM systems could not be asked'
  }
}

/** One line of a list of those left out. Mrkdwn. */
export function leftOutLine(one: {
  readonly line: number
  readonly text: string
  readonly leftOut: LeftOut
}): string {
  return `Line ${one.line}: ${code(one.text)} — ${escapeMrkdwn(leftOutWords(one.leftOut))}`
}
