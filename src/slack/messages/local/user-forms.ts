import { input, modal, radioButtons, section, textInput } from '#src/slack/block-kit/index.ts'
import type { ModalView } from '#src/slack/context.ts'
import type { UsersFilter } from '#src/slack/messages/local/users.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { boldForeign } from '#src/slack/text.ts'
import { limits, type LocalUser } from '#src/local-users/account.ts'

// Slack has no way back to the window below with news, so forms take its place and give it back.
const close = 'Close'

/** The form that adds one local user. Pure. */
export function addUserForm(filter: UsersFilter): ModalView {
  return modal({
    id: 'local_user_add',
    title: 'Add a local user',
    submit: 'Add',
    close,
    meta: { filter },
    blocks: [
      input({
        blockId: 'email',
        label: 'E-mail',
        hint: 'A link to enroll goes to this address. It is good for 24 hours.',
        element: textInput({ id: 'email', maxLength: 300, focus: true }),
      }),
      input({
        blockId: 'description',
        label: 'Description',
        optional: true,
        element: textInput({ id: 'description', maxLength: limits.userDescription }),
      }),
    ],
  })
}

/** The form that changes a description. Pure. */
export function describeUserForm(
  filter: UsersFilter,
  { id, version, email, description }: LocalUser,
): ModalView {
  return modal({
    id: 'local_user_describe',
    title: 'Edit description',
    submit: 'Save',
    close,
    meta: { filter, id, version },
    blocks: [
      section(boldForeign(email)),
      input({
        blockId: 'description',
        label: 'Description',
        optional: true,
        element: textInput({
          id: 'description',
          initial: description,
          maxLength: limits.userDescription,
          focus: true,
        }),
      }),
    ],
  })
}

/** The question before one local user is deleted. Pure. */
export function deleteUserForm(filter: UsersFilter, { id, email, heldSince }: LocalUser): ModalView {
  const held =
    heldSince === undefined
      ? ''
      : ' A Disable task disabled this account: added again, it is disabled still, until an Enable task.'
  return modal({
    id: 'local_user_delete',
    title: 'Delete a local user',
    submit: 'Delete',
    close,
    meta: { filter, id },
    blocks: [
      section(
        `${boldForeign(email)} loses the account, its groups and all sessions at once. This can’t be undone.${held}`,
      ),
    ],
  })
}

/** What can be done to many. */
export const actionChoices = [
  { value: 'enable', text: 'Enable', description: 'All but those whom a Disable task disabled' },
  { value: 'disable', text: 'Disable', description: 'Those who have enrolled; ends their sessions' },
  { value: 'resend', text: 'Resend links', description: 'To those who have not enrolled; old links die' },
  { value: 'delete', text: 'Delete', description: 'With groups and sessions; can’t be undone' },
] as const

/** The form that does one thing to everybody whom the list shows. `isAll`: it shows all there are. Pure. */
export function manyForm(filter: UsersFilter, total: number, isAll: boolean): ModalView {
  const people = total === 1 ? 'the one local user' : `${thousands(total)} local users`
  const who = isAll
    ? `*All accounts*: ${people}.`
    : `${people} who ${total === 1 ? 'fits' : 'fit'} the search and the filters now.`
  return modal({
    id: 'local_users_many',
    title: isAll ? 'Manage all accounts' : 'Change many',
    submit: 'Start',
    close,
    meta: { filter },
    blocks: [
      section(who.replace(/^./, (first) => first.toUpperCase())),
      input({
        blockId: 'action',
        label: 'What',
        element: radioButtons({
          id: 'action',
          choices: actionChoices,
        }),
      }),
      input({
        blockId: 'typed',
        label: `Type ${thousands(total)} to go on`,
        element: textInput({ id: 'typed', maxLength: 20 }),
      }),
    ],
  })
}
