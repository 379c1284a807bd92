import { accountKey, type FoundTarget, type MatchedAccount } from '#src/iam/target.ts'
import { actions, button, context, input, modal, section, textInput } from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { accountBoxes, cardNotes, foundHeadline } from '#src/slack/messages/match-card.ts'
import { type DisableChoices, safeBlock, taskInputs } from '#src/slack/messages/task-inputs.ts'
import { actionWords } from '#src/slack/messages/words.ts'
import { code, escapeMrkdwn } from '#src/slack/text.ts'
import { longestPersonText } from '#src/iam/person-query.ts'
import type { LookUp } from '#src/tasks/look-up.ts'
import type { Action } from '#src/tasks/task.ts'

/** What the form's hidden part holds; comes back from the person's machine, so it is only a hint where to look. */
export interface TaskFormMeta {
  readonly action: Action
  readonly channelId: string
  readonly lookUpId: string | null
  /** The form is about one account and has no field Person. */
  readonly fixed?: boolean | undefined
}

/** The `callback_id` of the form of each action. */
export const taskFormId: { readonly [action in Action]: string } = {
  disable_account: 'disable_user',
  enable_account: 'enable_user',
  force_password_reset: 'force_password_reset',
  force_sign_out: 'force_sign_out',
}

/** What the form shows. */
export interface TaskFormFacts {
  readonly meta: TaskFormMeta
  readonly personText: string
  readonly description: string
  readonly choices: DisableChoices
  /** Undefined while nobody was looked up. */
  readonly lookUp: LookUp | undefined
  /** For Enable: the keys of the accounts that a Disable task changed; undefined where any may be enabled. */
  readonly disabledHere: ReadonlySet<string> | undefined
  /** A sentence about the name, when it could not be looked up. */
  readonly problem: string | undefined
  readonly suggestions: readonly string[]
  readonly approvers: number
}

/** The form while systems are being asked. Opened at once, before anything is known. */
export function workingForm(action: Action, sentence: string): ModalView {
  return modal({
    id: `${taskFormId[action]}_working`,
    title: actionWords[action].label,
    blocks: [section(sentence)],
  })
}

/** The form with the match card. Pure. */
export function taskForm(facts: TaskFormFacts): ModalView {
  const { meta, lookUp } = facts
  const ready =
    lookUp !== undefined && (facts.lookUp?.found.accounts.length ?? 0) + lookUp.found.unasked.length > 0
  return modal({
    id: taskFormId[meta.action],
    title: actionWords[meta.action].label,
    submit: ready ? 'Create' : 'Find',
    meta,
    blocks: [
      ...(lookUp?.mayDeactivate === true ? [section(deactivateSentence)] : personBlocks(facts)),
      ...(lookUp === undefined ? [] : cardBlocks(facts, lookUp)),
      ...taskInputs(meta.action, facts),
      ...(meta.action === 'enable_account' && lookUp !== undefined ? [safeBlock(isItSafe)] : []),
      context(policySentence(facts)),
    ],
  })
}

function personBlocks(facts: TaskFormFacts): AnyBlock[] {
  const person = input({
    blockId: 'person',
    label: 'Person',
    hint: 'E-mail address, login, or id. Press Enter or Find to look again.',
    dispatch: true,
    element: textInput({
      id: 'find_person:typed',
      initial: facts.personText,
      maxLength: longestPersonText,
      focus: true,
    }),
  })
  const problem = facts.problem === undefined ? [] : [escapeMrkdwn(facts.problem)]
  const answer = facts.lookUp === undefined ? [] : [answerSentence(facts, facts.lookUp)]
  const words = [...problem, ...answer].join('\n')
  const found = section(words === '' ? nobodyYet : words, { accessory: findButton })
  return [person, found, actions([severalButton])]
}

const nobodyYet = 'Nobody has been looked up yet.'
const severalButton = button({
  id: 'several_people',
  text: 'Several people',
  spoken: 'Name several people instead of one',
})

const findButton = button({ id: 'find_person', text: 'Find', spoken: 'Find this person in all IAM systems' })

function answerSentence(facts: TaskFormFacts, lookUp: LookUp): string {
  const meant = facts.suggestions.map(code).join(', ')
  return foundHeadline(lookUp.found, lookUp.personText) + (meant === '' ? '' : ` Did you mean ${meant}?`)
}

function cardBlocks(facts: TaskFormFacts, lookUp: LookUp): AnyBlock[] {
  const offered = (account: MatchedAccount) => whyNotOffered(facts, account) === undefined
  const boxes = accountBoxes({
    found: lookUp.found,
    lookUpId: lookUp.id,
    offered,
    ticked: (account) => account.confident && account.state !== actionWords[lookUp.action].leadsTo,
  })
  const notes = cardNotes(lookUp.found, (account) => whyNotOffered(facts, account), askedAgain[lookUp.action])
  return [...boxes, ...notes]
}

const askedAgain: { readonly [action in Action]: string } = {
  disable_account: ' It is asked again when the task runs.',
  enable_account: '',
  force_password_reset: ' It is asked again when the task runs.',
  force_sign_out: ' It is asked again when the task runs.',
}

function whyNotOffered(facts: TaskFormFacts, account: MatchedAccount): string | undefined {
  if (account.protection.kind === 'deny')
    return `${account.protection.why}. It can't be changed through Drawbridge.`
  if (facts.disabledHere === undefined || facts.disabledHere.has(accountKey(account))) return undefined
  return account.state === 'enabled'
    ? 'enabled already.'
    : 'it was not disabled by Drawbridge, so it is left as it is (setting enforcement.enable_requires_prior_disable).'
}

const isItSafe = { question: 'Is it safe?', answer: 'I have verified that this account is safe' }

const deactivateSentence =
  'This account cannot be suspended as it stands, so the person could come back. Deactivating holds: it takes the account out of all applications. Enable activates it again, but some application assignments may not come back, and the person may have to set up sign-in anew.'

function policySentence(facts: TaskFormFacts): string {
  const { approvers, meta, lookUp } = facts
  const isSpecial = lookUp?.found.accounts.some((account) => account.protection.kind === 'two_approvers')
  const special =
    isSpecial === true && approvers < 2
      ? ' With an account that needs two approvers it waits for two, and wants a description.'
      : ''
  const who =
    approvers === 0
      ? 'Runs at once, without approval.'
      : `Needs ${approvers} ${approvers === 1 ? 'approval' : 'approvals'}.`
  const order = lookUp === undefined ? '' : orderSentence(meta.action, lookUp.found)
  return `${who}${special}${order} ${effects[meta.action]}`
}

/** Which account goes first, where a directory synchronization would undo it otherwise. */
function orderSentence(action: Action, found: FoundTarget): string {
  const led = systemsOf(found, (account) => account.synchronized === true)
  if (led === '' || (action !== 'disable_account' && action !== 'enable_account')) return ''
  const leads = systemsOf(found, (account) => account.systemKind === 'active-directory')
  return leads === ''
    ? ` ${led} follows an on-premises Active Directory in which I found no account: its next synchronization may undo this.`
    : ` ${leads} goes first, because ${led} follows it.`
}

function systemsOf(found: FoundTarget, wanted: (account: MatchedAccount) => boolean): string {
  return [...new Set(found.accounts.filter(wanted).map((account) => escapeMrkdwn(account.systemId)))].join(
    ', ',
  )
}

/** What each action does and leaves, in a sentence. */
export const effects: { readonly [action in Action]: string } = {
  disable_account: 'Sign-in is stopped; sessions in LDAP directories may live on until they end.',
  enable_account:
    'What the Disable changed is restored exactly. An earlier lock-out by wrong passwords is not brought back.',
  force_password_reset:
    'The account stays enabled: whoever knows the password may still choose the new one. While somebody is misusing the account, use /disable-user.',
  force_sign_out:
    'The account stays enabled: whoever knows the password signs in again. LDAP directories have no sessions that could be ended.',
}

/** The accounts that a submitted form has ticked, for the look-up it was drawn from. */
export function tickedAccounts(values: Readonly<Record<string, unknown>>, lookUpId: string): string[] {
  return Object.entries(values).flatMap(([block, value]) => {
    const mine = block.startsWith('accounts:') && block.endsWith(`:${lookUpId}`)
    return mine && Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  })
}

/** The block under which a sentence about the accounts is shown; undefined when the form has no boxes. */
export function accountsBlock(found: FoundTarget, lookUpId: string): string | undefined {
  return found.accounts.length === 0 ? undefined : `accounts:0:${lookUpId}`
}
