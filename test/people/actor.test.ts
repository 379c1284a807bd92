import { describe, expect, it } from 'vitest'
import {
  type Actor,
  assertMember,
  assertRole,
  type HomeWorkspace,
  type Role,
  roles,
  type SlackPerson,
} from '#src/people/actor.ts'

const home: HomeWorkspace = { teamId: 'T1', enterpriseId: undefined }
const member: SlackPerson = {
  userId: 'U1',
  teamId: 'T1',
  enterpriseId: undefined,
  name: 'Rita',
  email: 'rita@corp.example',
  tz: undefined,
  deactivated: false,
  bot: false,
  guest: false,
  stranger: false,
}
const check =
  (change: Partial<SlackPerson>, where: HomeWorkspace = home) =>
  () =>
    assertMember({ ...member, ...change }, where)

describe('who may never act', () => {
  it.each([
    ['a bot', { bot: true }, 'not from apps'],
    ['a guest', { guest: true }, 'not from guests'],
    ['somebody deactivated', { deactivated: true }, 'deactivated'],
    ['a stranger of a shared channel', { stranger: true }, 'members of this workspace only'],
    ['somebody of another workspace', { teamId: 'T2' }, 'members of this workspace only'],
  ])('%s', (_, change, sentence) => {
    expect(check(change)).toThrow(sentence)
  })

  it('somebody whom Slack does not know', () => {
    expect(() => assertMember(undefined, home)).toThrow('Slack does not know you')
  })

  it('lets members act, and members of another workspace of the same organisation', () => {
    expect(check({})).not.toThrow()
    const grid = { teamId: 'T1', enterpriseId: 'E1' }
    expect(check({ teamId: 'T2', enterpriseId: 'E1' }, grid)).not.toThrow()
    expect(check({ teamId: 'T2', enterpriseId: 'E2' }, grid)).toThrow('members of this workspace only')
    expect(check({ teamId: 'T2', enterpriseId: undefined }, grid)).toThrow('members of this workspace only')
  })
})

describe('what a role includes', () => {
  const actor = (...held: Role[]): Actor => ({ ...member, roles: new Set(held) })

  it.each(roles)('%s includes viewer and nothing else', (role) => {
    expect(() => assertRole(actor(role), 'viewer')).not.toThrow()
    for (const other of roles.filter((one) => one !== role && one !== 'viewer'))
      expect(() => assertRole(actor(role), other)).toThrow('which you do not hold')
  })

  it('is enough when one of several roles is held, and names all of them otherwise', () => {
    expect(() => assertRole(actor('owner'), 'approver', 'owner')).not.toThrow()
    expect(() => assertRole(actor('viewer'), 'approver', 'local_user_admin')).toThrow(
      'This needs the role approver or local-user admin, which you do not hold.',
    )
  })

  it('refuses everything to people without a role', () => {
    for (const role of roles) expect(() => assertRole(actor(), role)).toThrow('which you do not hold')
  })
})
