import {
  actions,
  button,
  context,
  divider,
  input,
  modal,
  overflow,
  section,
  staticSelect,
  textInput,
} from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { pageRow, rangeOf } from '#src/slack/messages/local/pages.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { boldForeign, code, escapeMrkdwn, cut } from '#src/slack/text.ts'
import { enrollmentWords } from '#src/local-users/export.ts'
import type { ListedUser } from '#src/local-users/list.ts'

/** What the window of `/local-users` shows; kept in its hidden part, so it is read again with care. */
export interface UsersFilter {
  readonly text: string
  readonly state: 'any' | 'enabled' | 'disabled'
  readonly enrollment: 'any' | 'waiting' | 'expired' | 'enrolled'
  /** A group's id, or `any`. */
  readonly group: string
  readonly sort: 'email' | 'newest'
  readonly page: number
  /** `after:ID` or `before:ID`: the one beside whom the page begins or ends. */
  readonly edge?: string | undefined
}

// A list is for finding somebody; all of it stands in the form that changes it.
const shownDescription = 150

/** What the window of `/local-users` is made of. */
export interface UsersFacts {
  readonly filter: UsersFilter
  readonly users: readonly ListedUser[]
  /** Undefined when more follow that nobody has counted. */
  readonly total: number | undefined
  /** The first groups by name, for the menu. */
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  /** What just happened, in a sentence. */
  readonly said?: string | undefined
}

/** The window of `/local-users`. Pure. */
export function usersView(facts: UsersFacts): ModalView {
  const { filter, users, total, said } = facts
  return modal({
    id: 'local_users',
    title: 'Local users',
    // Slack takes no input without one; some people look for a button rather than for Enter.
    submit: 'Search',
    close: 'Close',
    meta: filter,
    blocks: [
      ...(said === undefined ? [] : [section(said)]),
      input({
        blockId: 'search',
        label: 'Search',
        optional: true,
        dispatch: true,
        hint: 'Part of an address or a description; press Enter.',
        element: textInput({ id: 'local_users_search', initial: filter.text, maxLength: 200 }),
      }),
      filterRow(facts),
      actions(deeds(facts), { blockId: 'deeds' }),
      context(countSentence(facts)),
      divider(),
      ...(users.length === 0 ? [section(emptySentence(filter))] : users.map(userBlock)),
      ...pageRow('local_users_page', { page: filter.page, rows: users, total }),
    ],
  })
}

function filterRow({ filter, groups }: UsersFacts): AnyBlock {
  const words = enrollmentWords
  const menu = (
    key: 'state' | 'enrollment' | 'group' | 'sort',
    choices: readonly (readonly [string, string])[],
  ) =>
    staticSelect({
      id: `local_users_filter:${key}`,
      picked: `${key}:${filter[key]}`,
      choices: choices.map(([value, text]) => ({ value: `${key}:${value}`, text })),
    })
  return actions(
    [
      menu('state', [
        ['any', 'Enabled and disabled'],
        ['enabled', '● Enabled'],
        ['disabled', '○ Disabled'],
      ]),
      menu('enrollment', [
        ['any', 'Any enrollment'],
        ['waiting', words.waiting],
        ['expired', words.expired],
        ['enrolled', words.enrolled],
      ]),
      menu('group', [['any', 'All local users'], ...groups.map(({ id, name }) => [id, name] as const)]),
      menu('sort', [
        ['email', 'By address'],
        ['newest', 'Newest first'],
      ]),
    ],
    { blockId: 'filters' },
  )
}

function deeds({ filter, total }: UsersFacts) {
  const these =
    total === 1 ? 'Change this one …' : `Change these${total === undefined ? '' : ` ${thousands(total)}`} …`
  const some = [
    button({ id: 'local_users_export', text: 'Export CSV' }),
    button({ id: 'local_users_pick', text: 'Choose some …' }),
    button({ id: 'local_users_many', text: isEverybody(filter) ? 'Manage all accounts …' : these }),
  ]
  return [
    button({ id: 'local_users_add', text: 'Add a local user', style: 'primary' as const }),
    button({ id: 'local_users_import', text: 'Import CSV' }),
    ...(total === 0 ? [] : some),
    button({ id: 'local_users_batches', text: 'Imports and batches' }),
    button({ id: 'local_groups_back', text: 'Groups' }),
    button({ id: 'local_users_settings', text: 'Settings' }),
  ]
}

function isEverybody({ text, state, enrollment, group }: UsersFilter): boolean {
  return text.trim() === '' && [state, enrollment, group].every((one) => one === 'any')
}

/** One person: state first, then address, enrollment, groups; what one can do sits in one menu. */
function userBlock(user: ListedUser): AnyBlock {
  const { id, email, description, state, enrollment, groups, heldSince, mailProblem } = user
  const dot = state === 'enabled' ? '●' : '○'
  const facts = [
    enrollmentWords[enrollment],
    ...(state === 'disabled' ? ['disabled'] : []),
    ...(heldSince === undefined ? [] : ['by a Disable task']),
    ...(groups.length === 0 ? [] : [groupsShown(groups)]),
  ]
  const more = [
    ...(description === '' ? [] : [escapeMrkdwn(cut(description, shownDescription))]),
    ...(mailProblem === undefined ? [] : [mailSentence(mailProblem, enrollment)]),
  ]
  const choices = [
    stateChoice(user),
    { value: `describe:${id}`, text: 'Edit description' },
    ...(enrollment === 'enrolled' ? [{ value: `reset:${id}`, text: 'Reset second factors …' }] : []),
    { value: `delete:${id}`, text: 'Delete …' },
  ]
  return section([`${dot} ${boldForeign(email)} · ${facts.join(' · ')}`, ...more].join('\n'), {
    accessory: overflow({ id: `local_user_menu:${id}`, choices }),
  })
}

/** What the mail server said, and what to do. Answers that begin with 4 ask to come back (RFC 5321). */
function mailSentence(problem: string, enrollment: ListedUser['enrollment']): string {
  if (/^4\d\d\b/.test(problem))
    return `The mail server did not take the mail yet: ${code(problem)}. It is tried again.`
  const todo =
    enrollment === 'enrolled'
      ? 'Ask the person whether the address still works.'
      : 'Resend the link, or delete the account and add the right address.'
  return `The mail server did not take the mail: ${code(problem)}. ${todo}`
}

/** Enabled, somebody who has not enrolled gets a link by that. */
function stateChoice({ id, state, enrollment }: ListedUser) {
  if (state === 'disabled') return { value: `enable:${id}`, text: 'Enable' }
  return enrollment === 'enrolled'
    ? { value: `disable:${id}`, text: 'Disable' }
    : { value: `resend:${id}`, text: 'Resend link' }
}

function groupsShown(groups: readonly string[]): string {
  const few = groups
    .slice(0, 3)
    .map((name) => escapeMrkdwn(name.length > 60 ? `${name.slice(0, 60)}…` : name))
  return groups.length > few.length
    ? `${few.join(', ')} and ${groups.length - few.length} more`
    : few.join(', ')
}

function countSentence({ filter, users, total }: UsersFacts): string {
  return total === 0 ? 'No local users.' : `${rangeOf(filter.page, users.length, total)}.`
}

function emptySentence(filter: UsersFilter): string {
  if (filter.text !== '')
    return `No local user fits ${code(filter.text)}. Try fewer letters, or fewer filters.`
  const { state, enrollment, group } = filter
  if ([state, enrollment, group].some((one) => one !== 'any')) return 'No local user fits these filters.'
  return 'There are no local users yet. *Add a local user* makes the first, *Import CSV* makes many.'
}
