import type { ImportFacts } from '#src/local-users/batch.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { code } from '#src/slack/text.ts'

/** How many accounts would change. Pure. */
export function workOf({ fresh, described, emptied }: ImportFacts): number {
  return fresh + described + emptied
}

/** The button: accounts that are made are imported, those that are there are not. Pure. */
export function deedOf(facts: ImportFacts): string {
  const { fresh } = facts
  const updates = workOf(facts) - fresh
  if (updates === 0) return `Import ${accounts(fresh)}`
  return fresh === 0 ? `Update ${accounts(updates)}` : 'Import and update'
}

/** What can be done, in one line: "2 accounts can be imported, 3 accounts can be updated". Pure. */
export function resultOf(facts: ImportFacts): string {
  const { fresh } = facts
  const updates = workOf(facts) - fresh
  const told = [
    ...(fresh > 0 ? [`${accounts(fresh)} can be imported`] : []),
    ...(updates > 0 ? [`${accounts(updates)} can be updated`] : []),
  ]
  return told.join(', ')
}

/** How many lines can’t be imported, as a sentence after another; empty where none. Pure. */
export function refusedOf({ invalid }: ImportFacts): string {
  if (invalid === 0) return ''
  return invalid === 1 ? ' 1 line can’t be imported.' : ` ${thousands(invalid)} lines can’t be imported.`
}

function accounts(count: number): string {
  return count === 1 ? '1 account' : `${thousands(count)} accounts`
}

function leftOf({ described, emptied, noDescriptions }: ImportFacts): string {
  if (noDescriptions) return 'left as they are: the file has no column `description`'
  const told = [
    ...(described > 0
      ? [`${thousands(described)} ${described === 1 ? 'gets' : 'get'} a new description`]
      : []),
    ...(emptied > 0
      ? [emptied === 1 ? '1 loses its description' : `${thousands(emptied)} lose their descriptions`]
      : []),
  ]
  return told.length === 0 ? 'left as they are' : told.join(', ')
}

function heldSaid(held: number): string {
  return held === 1
    ? '*1* of them stays disabled: a Disable task disabled this address before it was deleted'
    : `*${thousands(held)}* of them stay disabled: Disable tasks disabled these addresses before they were deleted`
}

function tooMany(count: number): string {
  return count === 1 ? '*1* is too many' : `*${thousands(count)}* are too many`
}

/** What a dry run found, a line each, in mrkdwn. Pure. */
export function sentences(facts: ImportFacts): readonly string[] {
  const { fresh, held, there, invalid, overLimit, newGroups, groupsOverLimit, unknownColumns } = facts
  const lines = facts.invalidLines.join(', ') + (invalid > facts.invalidLines.length ? ' …' : '')
  const names = facts.newGroupNames.map((name) => code(name.slice(0, 60))).join(', ')
  const dots = newGroups > facts.newGroupNames.length ? ' …' : ''
  return [
    `*${thousands(fresh)}* new`,
    ...(held > 0 ? [heldSaid(held)] : []),
    ...(there > 0 ? [`*${thousands(there)}* already there (${leftOf(facts)})`] : []),
    ...(invalid > 0
      ? [`*${thousands(invalid)}* can’t be imported (${invalid === 1 ? 'line' : 'lines'} ${lines})`]
      : []),
    overLimit > 0
      ? `room for 10,000 local users: no, ${tooMany(overLimit)}`
      : 'room for 10,000 local users: yes',
    ...(newGroups > 0
      ? [`*${thousands(newGroups)}* new ${newGroups === 1 ? 'group' : 'groups'}: ${names}${dots}`]
      : []),
    ...(groupsOverLimit > 0 ? [`room for 1,000 groups: no, ${tooMany(groupsOverLimit)}`] : []),
    ...(unknownColumns.length > 0
      ? [`columns that mean nothing here: ${unknownColumns.map((name) => code(name)).join(', ')}`]
      : []),
  ]
}
