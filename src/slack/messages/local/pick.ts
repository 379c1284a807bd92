import { enrollmentWords } from '#src/local-users/export.ts'
import type { ListedGroup, ListedUser } from '#src/local-users/list.ts'
import {
  actions,
  button,
  checkboxes,
  context,
  input,
  modal,
  radioButtons,
  section,
} from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import type { GroupsFilter } from '#src/slack/messages/local/groups.ts'
import { pageRow, rangeOf } from '#src/slack/messages/local/pages.ts'
import { actionChoices } from '#src/slack/messages/local/user-forms.ts'
import type { UsersFilter } from '#src/slack/messages/local/users.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { boldForeign, code } from '#src/slack/text.ts'

/** How many can be ticked: their ids travel with the window, which holds 3,000 characters. */
export const mostTicked = 80

/** The block with the boxes of one page. Another page has other boxes, so it is another block. */
export const tickedBlock = (page: number) => `ticked_${page}`

interface Picking<Filter, Row> {
  readonly filter: Filter & { readonly page: number }
  readonly rows: readonly Row[]
  readonly total: number | undefined
  /** All that are ticked, on this page and on the others. */
  readonly chosen: readonly string[]
}

/** The local users with boxes to tick, and what to do to those who are. Pure. */
export function pickUsersView(facts: Picking<UsersFilter, ListedUser>): ModalView {
  return modal({
    id: 'local_users_pick',
    title: 'Choose local users',
    submit: 'Go on',
    close: 'Close',
    meta: { filter: facts.filter, others: othersOf(facts) },
    blocks: [
      actions([button({ id: 'local_users_back', text: 'Local users' })], { blockId: 'deeds' }),
      ...boxes(facts, 'Local users', 'local_users_pick_page', userChoice),
      input({
        blockId: 'action',
        label: 'What',
        element: radioButtons({ id: 'action', choices: actionChoices }),
      }),
    ],
  })
}

/** The groups with boxes to tick, to delete those who are. Pure. */
export function pickGroupsView(facts: Picking<GroupsFilter, ListedGroup>): ModalView {
  return modal({
    id: 'local_groups_pick',
    title: 'Choose groups',
    submit: 'Delete …',
    close: 'Close',
    meta: { filter: facts.filter, others: othersOf(facts) },
    blocks: [
      actions([button({ id: 'local_groups_back', text: 'Groups' })], { blockId: 'deeds' }),
      ...boxes(facts, 'Groups', 'local_groups_pick_page', groupChoice),
    ],
  })
}

function othersOf({ rows, chosen }: Picking<unknown, { readonly id: string }>): readonly string[] {
  return chosen.filter((id) => rows.every((row) => row.id !== id))
}

function boxes<Row extends { readonly id: string }>(
  facts: Picking<unknown, Row>,
  label: string,
  pageAction: string,
  choice: (row: Row) => { readonly text: string; readonly description: string },
): readonly AnyBlock[] {
  const { filter, rows, total, chosen } = facts
  const { page } = filter
  if (rows.length === 0) return [section('This page is empty by now. Go back to the list.')]
  const others = othersOf(facts).length
  return [
    input({
      blockId: tickedBlock(page),
      label: `${label} ${rangeOf(page, rows.length, total)}`,
      optional: true,
      element: checkboxes({
        id: 'ticked',
        ticked: chosen,
        choices: rows.map((row) => ({ value: row.id, ...choice(row) })),
      }),
    }),
    ...pageRow(pageAction, { page, rows, total }),
    ...(others === 0 ? [] : [context(`${others} more ticked on other pages.`)]),
  ]
}

function userChoice({ email, description, state, enrollment, groups }: ListedUser) {
  const dot = state === 'enabled' ? '●' : '○'
  const facts = [enrollmentWords[enrollment], ...(state === 'disabled' ? ['disabled'] : [])]
  const more = [...(description === '' ? [] : [description]), ...groups]
  return {
    text: `${dot} ${boldForeign(short(email, 60))}`,
    description: short([...facts, ...more].join(' · '), 75),
  }
}

function groupChoice({ name, description, members }: ListedGroup) {
  const people = members === 1 ? '1 member' : `${thousands(members)} members`
  const more = description === '' ? [] : [description]
  return { text: boldForeign(short(name, 60)), description: short([people, ...more].join(' · '), 75) }
}

function short(text: string, most: number): string {
  const letters = Array.from(text)
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`
}

const named = 20

function listOf(names: readonly string[]): string {
  const more = names.length > named ? `, and ${names.length - named} more` : ''
  return `${names
    .slice(0, named)
    .map((name) => code(short(name, 100)))
    .join(', ')}${more}`
}

/** The question before ticked local users are deleted. Pure. */
export function deleteUsersForm(
  users: readonly { readonly id: string; readonly email: string }[],
): ModalView {
  const many = users.length === 1 ? '*1 local user*' : `*${users.length} local users*`
  return modal({
    id: 'local_users_delete',
    title: 'Delete local users',
    submit: 'Delete',
    close: 'Close',
    meta: { ids: users.map(({ id }) => id) },
    blocks: [
      section(`${many}: ${listOf(users.map(({ email }) => email))}`),
      section('Their accounts, groups and sessions are gone at once. This can’t be undone.'),
    ],
  })
}

/** The question before ticked groups are deleted. Pure. */
export function deleteGroupsForm(
  groups: readonly { readonly id: string; readonly name: string }[],
): ModalView {
  const many = groups.length === 1 ? '*1 group*' : `*${groups.length} groups*`
  return modal({
    id: 'local_groups_delete',
    title: 'Delete groups',
    submit: 'Delete',
    close: 'Close',
    meta: { ids: groups.map(({ id }) => id) },
    blocks: [
      section(`${many}: ${listOf(groups.map(({ name }) => name))}`),
      section('Their members stay. Access rules that name these groups end. This can’t be undone.'),
    ],
  })
}
