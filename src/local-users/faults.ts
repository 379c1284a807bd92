import { z } from 'zod'
import { limits } from '#src/local-users/account.ts'

/** Why something was not done to one account, or one row of a file. Plain JSON: it is kept. */
export const Fault = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum([
      'email_missing',
      'email_too_long',
      'email_not_an_address',
      'description_too_long',
      'group_name_too_long',
      'group_name_taken_by_all',
      'too_many_groups_named',
      'not_readable',
      'too_many_cells',
      'already_there',
      'too_many_users',
      'too_many_groups',
      'made_without_groups',
      'made_disabled',
      'gone',
      'not_enrolled',
      'already_enrolled',
      'held_by_task',
      'bound',
      'disabled',
    ]),
  }),
  /** The line where the address stands first. */
  z.object({ kind: z.literal('twice_in_file'), line: z.number() }),
])
export type Fault = z.infer<typeof Fault>

/** What is true, then what to do. */
export function faultSentence(fault: Fault): string {
  switch (fault.kind) {
    case 'email_missing':
      return 'There is no e-mail address. Give one.'
    case 'email_too_long':
      return `An e-mail address has at most ${limits.email} characters. Give a shorter one.`
    case 'email_not_an_address':
      return 'This is not an e-mail address like name@example.com.'
    case 'description_too_long':
      return `A description has at most ${limits.userDescription} characters. Shorten it.`
    case 'group_name_too_long':
      return `A group’s name has at most ${limits.groupName} characters. Shorten it.`
    case 'group_name_taken_by_all':
      return 'All local users holds everybody by itself. Leave it out.'
    case 'too_many_groups_named':
      return `There is room for ${limits.groups.toLocaleString('en')} groups in all, and this line names more. Leave some out.`
    case 'not_readable':
      return 'A quotation mark is opened and not closed as it should be. Double the ones inside a cell.'
    case 'too_many_cells':
      return 'This line has more cells than the header. Put cells that hold the separator into quotation marks.'
    case 'already_there':
      return 'There is already a local user with this address. Change that account in the list.'
    case 'too_many_users':
      return `There is room for ${limits.users.toLocaleString('en')} local users, and all places are taken. Delete some first.`
    case 'too_many_groups':
      return `There is room for ${limits.groups.toLocaleString('en')} groups, and all places are taken. Delete some first.`
    case 'made_without_groups':
      return `The account was made, but there was no room for all of its groups: there are ${limits.groups.toLocaleString('en')} already. Add it to others under Members in /local-groups.`
    case 'made_disabled':
      return 'The account was made, but it is disabled and got no mail: a Disable task disabled this address before it was deleted. Use /enable-user.'
    case 'gone':
      return 'This local user is no longer there.'
    case 'not_enrolled':
      return 'This person has not enrolled yet, so the list does not disable the account. Delete it, or use /disable-user.'
    case 'already_enrolled':
      return 'This person has enrolled and needs no link.'
    case 'held_by_task':
      return 'A Disable task disabled this account, so only an Enable task enables it again. Use /enable-user.'
    case 'bound':
      return 'Somebody decides in Slack with the codes of this account, so only an owner who is also local-user admin can delete it, from its own menu in the list.'
    case 'disabled':
      return 'This account is disabled, so no link was sent. Enable it first.'
    case 'twice_in_file':
      return `The address stands on line ${fault.line} already. Keep one of the two.`
  }
}
