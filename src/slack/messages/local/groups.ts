import { limits } from '#src/local-users/account.ts'
import type { ListedGroup } from '#src/local-users/list.ts'
import {
  actions,
  button,
  context,
  divider,
  input,
  modal,
  overflow,
  section,
  textInput,
} from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { pageRow } from '#src/slack/messages/local/pages.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { boldForeign, code, escapeMrkdwn, cut } from '#src/slack/text.ts'

/** What the window of `/local-groups` shows; kept in its hidden part. */
export interface GroupsFilter {
  readonly text: string
  readonly page: number
  /** `after:ID` or `before:ID`: the group beside which the page begins or ends. */
  readonly edge?: string | undefined
}

// Names have up to 512 characters, descriptions twice as many.
const shownName = 150
// Characters of members' addresses; Slack cuts a section after 3,000 of all.
const mostNamed = 2_000
const people = (count: number) => (count === 1 ? '1 member' : `${thousands(count)} members`)

/** The window of `/local-groups`. Pure. */
export function groupsView(facts: {
  readonly filter: GroupsFilter
  readonly groups: readonly ListedGroup[]
  readonly everybody: number
  readonly total: number | undefined
  readonly said?: string | undefined
}): ModalView {
  const { filter, groups, everybody, total, said } = facts
  if (everybody === 0) return firstUserHint()
  return modal({
    id: 'local_groups',
    title: 'Local groups',
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
        hint: 'Part of a name or a description; press Enter.',
        element: textInput({ id: 'local_groups_search', initial: filter.text, maxLength: 200 }),
      }),
      actions(
        [
          button({ id: 'local_groups_add', text: 'Add a group', style: 'primary' }),
          ...(groups.length === 0 ? [] : [button({ id: 'local_groups_pick', text: 'Choose some …' })]),
          button({ id: 'local_users_back', text: 'Local users' }),
          button({ id: 'access_rules', text: 'Access rules' }),
        ],
        { blockId: 'deeds' },
      ),
      context(countSentence(filter, total)),
      divider(),
      section(
        `*All local users* · ${people(everybody)}\nAlways holds everybody; it can’t be changed or deleted.`,
      ),
      ...groups.map(groupBlock),
      ...(groups.length === 0 ? [section(emptySentence(filter))] : []),
      ...pageRow('local_groups_page', { page: filter.page, rows: groups, total }),
    ],
  })
}

function firstUserHint(): ModalView {
  return modal({
    id: 'local_groups_hint',
    title: 'Local groups',
    blocks: [
      section('Groups hold local users, and there is none yet. Add a first local user, then come back.'),
      actions([button({ id: 'local_users_back', text: 'Local users', style: 'primary' })], {
        blockId: 'deeds',
      }),
    ],
  })
}

function groupBlock({ id, name, description, members }: ListedGroup): AnyBlock {
  const more = description === '' ? [] : [escapeMrkdwn(cut(description, shownName))]
  return section([`${boldForeign(cut(name, shownName))} · ${people(members)}`, ...more].join('\n'), {
    accessory: overflow({
      id: `local_group_menu:${id}`,
      choices: [
        { value: `list:${id}`, text: 'Show members' },
        { value: `members:${id}`, text: 'Members …' },
        { value: `access:${id}`, text: 'Access …' },
        { value: `edit:${id}`, text: 'Rename or describe …' },
        { value: `delete:${id}`, text: 'Delete …' },
      ],
    }),
  })
}

function emptySentence({ text }: GroupsFilter): string {
  return text === ''
    ? 'No other groups yet. *Add a group* makes the first; an import makes those that its file names.'
    : `No group fits ${code(text)}. Try fewer letters.`
}

function countSentence({ text }: GroupsFilter, total: number | undefined): string {
  if (total === undefined) return 'Many groups found.'
  const groups = total === 1 ? '1 group' : `${thousands(total)} groups`
  if (text.trim() !== '') return `${groups} found.`
  return `${groups} besides *All local users*.`
}

/** The form that adds a group, or changes the one that is given. Pure. */
export function groupForm(filter: GroupsFilter, group?: ListedGroup): ModalView {
  return modal({
    id: 'local_group',
    title: group === undefined ? 'Add a group' : 'Change a group',
    submit: group === undefined ? 'Add' : 'Save',
    close: 'Close',
    meta: { filter, ...(group !== undefined && { group: { id: group.id, version: group.version } }) },
    blocks: [
      input({
        blockId: 'name',
        label: 'Name',
        element: textInput({ id: 'name', initial: group?.name, maxLength: limits.groupName, focus: true }),
      }),
      input({
        blockId: 'description',
        label: 'Description',
        optional: true,
        element: textInput({
          id: 'description',
          initial: group?.description,
          maxLength: limits.groupDescription,
          multiline: true,
        }),
      }),
    ],
  })
}

/** The question before a group is deleted. Pure. */
export function deleteGroupForm(filter: GroupsFilter, { id, name, members }: ListedGroup): ModalView {
  return modal({
    id: 'local_group_delete',
    title: 'Delete a group',
    submit: 'Delete',
    close: 'Close',
    meta: { filter, id },
    blocks: [
      section(
        `${boldForeign(cut(name, shownName))} has ${membersStay(members)}. Access rules that name this group end. This can’t be undone.`,
      ),
    ],
  })
}

function membersStay(members: number): string {
  if (members === 0) return 'no members'
  return members === 1 ? '1 member, who stays' : `${people(members)}, who stay`
}

/** The form that puts people into a group and takes others out, by their addresses. Pure. */
export function membersForm(
  filter: GroupsFilter,
  { id, name, members }: ListedGroup,
  first: readonly string[],
): ModalView {
  const named = first.map((email) => code(email))
  const shown = named.filter((_, i) => named.slice(0, i + 1).join(', ').length <= mostNamed)
  const others = members - shown.length
  const more = others > 0 ? `\n… and ${thousands(others)} more. *Show members* lists all.` : ''
  const now = first.length === 0 ? 'Nobody is in it yet.' : `${shown.join(', ')}${more}`
  const list = (blockId: 'add' | 'remove', label: string) =>
    input({
      blockId,
      label,
      optional: true,
      hint: 'Addresses of local users, separated by spaces, commas or new lines.',
      element: textInput({ id: blockId, multiline: true }),
    })
  return modal({
    id: 'local_members',
    title: 'Members',
    submit: 'Save',
    close: 'Close',
    meta: { filter, id },
    blocks: [
      section(`${boldForeign(cut(name, shownName))} · ${people(members)}\n${now}`),
      list('add', 'Put in'),
      list('remove', 'Take out'),
    ],
  })
}
