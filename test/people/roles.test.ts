import { describe, expect, it } from 'vitest'
import { type SlackPeople, SlackAwayError } from '#src/people/actor.ts'
import { findActor, type RoleLists } from '#src/people/roles.ts'

const { signal } = new AbortController()
const lists: RoleLists = {
  viewer: [],
  responder: ['U1', 'S1'],
  approver: ['S1', 'S2'],
  local_user_admin: [],
  owner: ['U2'],
}

/** Slack's answers: who is in which group. A group that is not there is away. */
function slack(groups: Readonly<Record<string, readonly string[]>>): SlackPeople {
  return {
    person: async (userId) => ({
      userId,
      teamId: 'T1',
      enterpriseId: undefined,
      name: userId,
      email: undefined,
      tz: undefined,
      deactivated: false,
      bot: false,
      guest: false,
      stranger: false,
    }),
    groupMembers: async (groupId) => {
      const members = groups[groupId]
      if (members === undefined) throw new SlackAwayError('away')
      return members
    },
  }
}

const rolesOf = async (userId: string, groups: Readonly<Record<string, readonly string[]>>) => {
  const home = { teamId: 'T1', enterpriseId: undefined }
  const actor = await findActor({ people: slack(groups), home, roleLists: lists }, userId, {
    maxAgeMs: 0,
    signal,
  })
  return [...actor.roles]
}

describe('which roles a person holds', () => {
  it('those that name the person or one of their user groups', async () => {
    expect(await rolesOf('U1', { S1: [], S2: [] })).toEqual(['responder'])
    expect(await rolesOf('U3', { S1: ['U3'], S2: [] })).toEqual(['responder', 'approver'])
    expect(await rolesOf('U3', { S1: [], S2: ['U3'] })).toEqual(['approver'])
    expect(await rolesOf('U2', { S1: [], S2: [] })).toEqual(['owner'])
  })

  it('none by an empty group, and none for whoever is nowhere', async () => {
    expect(await rolesOf('U9', { S1: [], S2: [] })).toEqual([])
  })

  it('none is guessed while a group cannot be asked', async () => {
    await expect(rolesOf('U1', { S1: [] })).rejects.toThrow(SlackAwayError)
  })
})
