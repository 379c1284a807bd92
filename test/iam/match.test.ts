import { describe, expect, it } from 'vitest'
import type { FoundAccount } from '#src/iam/connector.ts'
import { addressesToFollow, matchAccounts } from '#src/iam/match.ts'
import { foundAccount } from '#test/helpers/found-accounts.ts'

const at = (systemId: string, ...hits: FoundAccount[]) => ({ systemId, hits })
const sure = (...answers: ReturnType<typeof at>[]) =>
  matchAccounts(answers)
    .filter((match) => match.confident)
    .map((match) => `${match.systemId}/${match.account.id}`)

describe('which accounts surely are the same person', () => {
  it.each(['email', 'user_principal_name', 'login', 'id', 'sid', 'dn'] as const)(
    "a system's only hit by %s",
    (foundBy) => {
      expect(sure(at('one', foundAccount({ foundBy })))).toEqual(['one/id-1'])
    },
  )

  it('never a hit by an address that people can edit themselves', () => {
    expect(sure(at('one', foundAccount({ foundBy: 'secondary_email' })))).toEqual([])
  })

  it('none of two strong hits in one system', () => {
    expect(sure(at('one', foundAccount({ id: 'a' }), foundAccount({ id: 'b' })))).toEqual([])
  })

  it('the only strong hit beside weak ones', () => {
    const weak = foundAccount({ id: 'weak', foundBy: 'secondary_email' })
    expect(sure(at('one', weak, foundAccount({ id: 'strong' })))).toEqual(['one/strong'])
  })

  it('the only hit in each of several systems', () => {
    expect(sure(at('one', foundAccount()), at('two', foundAccount({ id: 'x' })))).toEqual([
      'one/id-1',
      'two/x',
    ])
  })

  it.each([
    ['objectGuid', 'same_object_guid'],
    ['objectSid', 'same_object_sid'],
  ] as const)('a weak hit that carries the %s of a sure one elsewhere, and says so', (key, by) => {
    const shared = { [key]: 'same' }
    const matches = matchAccounts([
      at('one', foundAccount({ sharedIds: shared })),
      at('two', foundAccount({ id: 'x', foundBy: 'secondary_email', sharedIds: shared })),
    ])
    expect(matches[1]).toMatchObject({ confident: true, evidence: { by, as: 'one' } })
  })

  it('no account by an id shared within its own system, or with an unsure account', () => {
    const sharedIds = { objectGuid: 'same' }
    const weak = { foundBy: 'secondary_email', sharedIds } as const
    expect(
      sure(at('one', foundAccount({ id: 'a', ...weak })), at('two', foundAccount({ id: 'b', ...weak }))),
    ).toEqual([])
  })

  it('nobody found by login alone when two systems know different addresses for that login', () => {
    const one = foundAccount({ foundBy: 'login', emails: ['alice@corp.example'] })
    const other = foundAccount({ id: 'x', foundBy: 'login', emails: ['alan@corp.example'] })
    expect(sure(at('one', one), at('two', other))).toEqual([])
  })

  it('both by login when an address is the same, ignoring case, or one system knows none', () => {
    const one = foundAccount({ foundBy: 'login' })
    const same = foundAccount({ id: 'x', foundBy: 'login', emails: ['ALICE@corp.example'] })
    const silent = foundAccount({ id: 'y', foundBy: 'login', emails: [] })
    expect(sure(at('one', one), at('two', same), at('three', silent))).toHaveLength(3)
  })

  it.each([
    ['no', 'somebody else', ['alan@corp.example'], []],
    ['', 'the same person, ignoring case', ['ALICE@corp.example'], ['one/id-1']],
    ['', 'nobody that an address tells', [], ['one/id-1']],
  ] as const)('%s hit by login alone beside a known account of %s', (_, __, emails, expected) => {
    const hit = foundAccount({ foundBy: 'login' })
    const matches = matchAccounts([at('one', hit)], [{ emails }])
    expect(
      matches.filter((match) => match.confident).map((match) => `${match.systemId}/${match.account.id}`),
    ).toEqual(expected)
  })

  it('nobody where nobody was found', () => {
    expect(matchAccounts([at('one'), at('two')])).toEqual([])
  })
})

describe('the addresses by which other systems are asked once more', () => {
  const follow = (...hits: FoundAccount[]) => addressesToFollow(matchAccounts([at('one', ...hits)]))

  it('are the first address and the logins with an @ of sure accounts, each once and in small letters', () => {
    const account = foundAccount({
      emails: ['Alice@corp.example', 'second@corp.example'],
      logins: ['anguyen', 'alice@CORP.example', 'upn@corp.example'],
    })
    expect(follow(account)).toEqual(['alice@corp.example', 'upn@corp.example'])
  })

  it('are the first ones of known accounts, never those that people can edit themselves', () => {
    const known = [
      { emails: ['Alice@corp.example', 'mine@home.example'], primaryEmail: 'Alice@corp.example' },
    ]
    expect(addressesToFollow([], known)).toEqual(['alice@corp.example'])
    const found = foundAccount({
      emails: ['a@corp.example', 'b@home.example'],
      primaryEmail: 'a@corp.example',
    })
    expect(follow(found)).toEqual(['a@corp.example'])
    expect(follow(foundAccount({ primaryEmail: undefined }))).toEqual([])
  })

  it('are none of unsure accounts, and few at most', () => {
    expect(follow(foundAccount({ foundBy: 'secondary_email' }))).toEqual([])
    const logins = Array.from({ length: 9 }, (_, index) => `a${index}@corp.example`)
    expect(follow(foundAccount({ logins })).length).toBeLessThanOrEqual(4)
  })
})
