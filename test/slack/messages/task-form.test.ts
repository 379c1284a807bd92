import { describe, expect, it } from 'vitest'
import type { MatchedAccount } from '#src/iam/target.ts'
import { taskForm, tickedAccounts } from '#src/slack/messages/task-form.ts'
import { usualChoices } from '#src/slack/messages/task-inputs.ts'

describe('the ticks of a submitted form', () => {
  it('are those of the look-up it was drawn from, of all its blocks, and of no other look-up', () => {
    const values = {
      'accounts:0:older': ['one/a'],
      'accounts:0:newer': ['one/b'],
      'accounts:1:newer': ['two/c', 'two/d'],
      person: 'alice',
      safe: ['verified'],
    }
    expect(tickedAccounts(values, 'newer')).toEqual(['one/b', 'two/c', 'two/d'])
  })

  it('are none when the form holds something else there', () => {
    const values = { 'accounts:0:l1': 'one/a', 'accounts:1:l1': [7, null], 'accounts:2:l1': undefined }
    expect(tickedAccounts(values, 'l1')).toEqual([])
  })
})

describe('what the form says about approvals', () => {
  const account: MatchedAccount = {
    systemId: 'unix-ldap',
    systemKind: 'openldap',
    accountId: 'id-1',
    login: 'uid=anguyen',
    emails: [],
    state: 'enabled',
    notes: [],
    evidence: { by: 'email' },
    confident: true,
    privileged: [],
    protection: { kind: 'none' },
  }
  const said = (approvers: number, protection: MatchedAccount['protection']) => {
    const found = { accounts: [{ ...account, protection }], unasked: [], asked: ['unix-ldap'] }
    const action = 'disable_account'
    const about = { personText: 'x', channelId: 'C1', fromTask: undefined, mayDeactivate: false } as const
    const lookUp = { id: 'l1', action, ...about, found } as const
    const form = taskForm({
      meta: { action, channelId: 'C1', lookUpId: 'l1' },
      personText: 'x',
      description: '',
      choices: usualChoices,
      lookUp,
      disabledHere: undefined,
      problem: undefined,
      suggestions: [],
      approvers,
    })
    return JSON.stringify(form.blocks.at(-1))
  }
  const two = { kind: 'two_approvers', why: 'it is on the list' } as const

  it.each([
    [0, 'Runs at once, without approval. Sign-in'],
    [1, 'Needs 1 approval. Sign-in'],
    [2, 'Needs 2 approvals. Sign-in'],
  ])('%d approvers by the policy', (approvers, sentence) => {
    expect(said(approvers, { kind: 'none' })).toContain(sentence)
  })

  it('that an account which needs two waits for two, where the policy asks for fewer', () => {
    const sentence = 'With an account that needs two approvers it waits for two, and wants a description.'
    expect(said(0, two)).toContain(`Runs at once, without approval. ${sentence}`)
    expect(said(1, two)).toContain(`Needs 1 approval. ${sentence}`)
    expect(said(2, two)).not.toContain(sentence)
  })
})
