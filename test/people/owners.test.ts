import { expect, it } from 'vitest'
import { SlackAwayError, type SlackPeople, type SlackPerson } from '#src/people/actor.ts'
import { createLastOwner } from '#src/people/owners.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'

const { signal } = new AbortController()
const home = { teamId: 'T1', enterpriseId: undefined }
const person = (userId: string, changes: Partial<SlackPerson> = {}): SlackPerson => ({
  userId,
  teamId: 'T1',
  enterpriseId: undefined,
  name: userId,
  email: `${userId.toLowerCase()}@corp.example`,
  tz: undefined,
  deactivated: false,
  bot: false,
  guest: false,
  stranger: false,
  ...changes,
})

function ownersOf(owners: readonly string[], known: readonly SlackPerson[], members: readonly string[] = []) {
  let away = false
  const people: SlackPeople = {
    person: async (id) => {
      if (away) throw new SlackAwayError('away')
      return known.find((one) => one.userId === id)
    },
    groupMembers: async () => members,
  }
  const ask = createLastOwner({ people, home: () => home, owners, log: createKeptLog() })
  return { ask: () => ask(signal), goAway: () => void (away = true) }
}

it.each([
  ['the only owner', ['U1'], [person('U1')], [], ['u1@corp.example']],
  ['nobody while there are two', ['U1', 'U2'], [person('U1'), person('U2')], [], []],
  [
    'the one who is left when the other was deactivated',
    ['U1', 'U2'],
    [person('U1'), person('U2', { deactivated: true })],
    [],
    ['u1@corp.example'],
  ],
  [
    'the one who is left when the other is a guest',
    ['U1', 'U2'],
    [person('U1', { guest: true }), person('U2')],
    [],
    ['u2@corp.example'],
  ],
  ['the only member of a group of owners', ['S1'], [person('U3')], ['U3'], ['u3@corp.example']],
  ['one who is named and in the group', ['U3', 'S1'], [person('U3')], ['U3'], ['u3@corp.example']],
  ['nobody when Slack knows none of them', ['U1'], [], [], []],
])('The last owner is %s', async (_, owners, known, members, emails) => {
  expect(await ownersOf(owners, known, members).ask()).toEqual(emails)
})

it('What Slack said last counts while it is away', async () => {
  const { ask, goAway } = ownersOf(['U1'], [person('U1')])
  await ask()
  goAway()
  expect(await ask()).toEqual(['u1@corp.example'])
})
