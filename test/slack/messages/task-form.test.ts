import { describe, expect, it } from 'vitest'
import { tickedAccounts } from '#src/slack/messages/task-form.ts'

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
