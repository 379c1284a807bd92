import { describe, expect, it, test } from 'vitest'
import { membersForm } from '#src/slack/messages/local/groups.ts'
import { usersView } from '#src/slack/messages/local/users.ts'
import { everybody } from '#src/slack/modals/local-users.ts'
import { pageRow, rangeOf } from '#src/slack/messages/local/pages.ts'

const rows = Array.from({ length: 10 }, (_, i) => ({ id: `p${i}` }))
const steps = (page: number, total: number | undefined, shown = rows) =>
  JSON.stringify(pageRow('list', { page, rows: shown, total })).match(/"(Back|Next)"|"value":"[^"]*"/g) ?? []

describe('A page of a long list', () => {
  it.each([
    [0, 10, 4_711, '1 to 10 of 4,711'],
    [1, 10, undefined, '11 to 20, and more'],
    [2, 1, 21, '21 to 21 of 21'],
  ])('says which of all it shows: page %i, %i shown', (page, count, total, words) => {
    expect(rangeOf(page, count, total)).toBe(words)
  })

  it('leads on where more may follow, beside the rows that it shows', () => {
    expect(steps(0, 10)).toEqual([])
    expect(steps(0, undefined)).toEqual(['"Next"', '"value":"1:after:p9"'])
    expect(steps(2, 31)).toEqual(['"Back"', '"value":"1:before:p0"', '"Next"', '"value":"3:after:p9"'])
    // The first page begins at the beginning, also where rows were added before it.
    expect(steps(1, 20)).toEqual(['"Back"', '"value":"0"'])
  })
})

test('what the mail server said of an address comes with what to do', () => {
  const shown = (mailProblem: string, enrollment: 'waiting' | 'enrolled') => {
    const user = { id: 'u', email: 'u@corp.example', description: '', groups: [], version: 1 }
    const users = [{ ...user, state: 'enabled', enrollment, heldSince: undefined, mailProblem } as const]
    return JSON.stringify(usersView({ filter: everybody, users, total: 1, groups: [] }))
  }
  expect(shown('450 4.2.1 busy', 'waiting')).toContain('yet: `450 4.2.1 busy`. It is tried again.')
  expect(shown('550 5.1.1 unknown', 'waiting')).toContain(
    'mail: `550 5.1.1 unknown`. Resend the link, or delete the account and add the right address.',
  )
  expect(shown('550 5.1.1 unknown', 'enrolled')).toContain('Ask the person whether the address still works.')
})

test('the members of a group are named as far as they fit, and the others are counted', () => {
  const long = Array.from({ length: 50 }, (_, i) => `${'n'.repeat(64)}-${i}@${'corp.'.repeat(30)}example`)
  const group = { id: 'g', name: '&'.repeat(512), description: '', members: 120, version: 1 }
  const shown = JSON.stringify(membersForm({ text: '', page: 0 }, group, long))
  const named = shown.match(/nnn-\d+@/g)?.length ?? 0
  expect(named).toBeGreaterThan(5)
  expect(shown).toContain(`… and ${120 - named} more. *Show members* lists all.`)
})
