import fc from 'fast-check'
import { expect, it } from 'vitest'
import { localGroupPage } from '#db/queries/local-groups-search.ts'
import { deleteLocalGroups, insertLocalGroups, updateLocalGroup } from '#db/queries/local-groups.ts'
import { takePlaces } from '#db/queries/local-counts.ts'
import { localUserPage, type LocalUserSearch } from '#db/queries/local-users-search.ts'
import { deleteLocalUsers, insertLocalUsers, updateLocalUser } from '#db/queries/local-users.ts'
import type { Page, PageAsked } from '#db/queries/pages.ts'
import type { Store } from '#db/store.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { after, start } from '#test/helpers/rows.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

// More than are counted when a filter finds many.
const many = 1_200
const words = [
  'Straße',
  '100%',
  'a_b',
  '🦊 fox',
  'C:\\temp',
  "o'hara",
  'Ünal',
  'sales',
  '東京',
  'x',
  '"quoted"',
  'QA',
]

function people() {
  return Array.from({ length: many }, (_, i) => {
    const name = `p${String(i).padStart(4, '0')}`
    return {
      ...localUserRow(name, { description: `${words[i % words.length]} no ${i % 400}` }),
      createdAt: after(i % 7),
      state: i % 100 === 99 ? 'disabled' : 'enabled',
      linkExpiresAt: i % 300 === 7 ? after(-1) : after(1_000),
    }
  })
}

/**
 * Walks through all pages as a person does, with **Next**, and once back from the middle, and once there after the row
 * beside it is gone. Throws where a page is another one then, or where a page tells another number than there are.
 */
async function throughAllPages(ask: (page: PageAsked) => Promise<Page>, idOf: (seq: number) => string) {
  const size = 10
  const pages = [await ask({ number: 0, size })]
  for (let page = pages[0]; page !== undefined && hasMore(page, pages.length * size); page = pages.at(-1)) {
    const edge = { side: 'after', id: idOf(page.seqs.at(-1) ?? 0) } as const
    pages.push(await ask({ number: pages.length, size, edge }))
  }
  const number = Math.floor(pages.length / 2)
  const wanted = pages[number]?.seqs ?? []
  const following = pages[number + 1]?.seqs[0]
  if (number > 0 && following !== undefined) {
    const back = await ask({ number, size, edge: { side: 'before', id: idOf(following) } })
    const counted = await ask({ number, size, edge: { side: 'after', id: 'gone' } })
    for (const { seqs } of [back, counted]) if (seqs.join() !== wanted.join()) throw new Error('another page')
  }
  const seqs = pages.flatMap((page) => page.seqs)
  if (pages.some(({ total = seqs.length }) => total !== seqs.length)) throw new Error('another number')
  return seqs.map(idOf)
}

function hasMore({ total }: Page, shown: number): boolean {
  return total === undefined || total > shown
}

async function filled(store: Store) {
  const rows = people()
  return await store.write(async (ctx) => {
    await insertLocalUsers(ctx, rows)
    await takePlaces(ctx, 'users', many, many)
    const made = await ctx.q.select().from(ctx.t.localUsers)
    return new Map(made.map((row) => [row.seq, row]))
  })
}

const searched = (text: string) => text.trim().toLowerCase()

describeOnBothEngines('A search of local users', (open) => {
  const tables = [
    'sales',
    '%',
    '_',
    'a_b',
    '\\',
    "o'",
    '"',
    '🦊',
    '東',
    'ß',
    'ü',
    'STRASSE',
    'q',
    'qa',
    'p0',
    '@corp',
    'e\n',
    'no 39',
    'no 3',
    '0119',
    'zq',
    'nobody at all',
    'p1199',
    '* OR',
    'a:*',
    ' no ',
  ]

  it('finds whose text holds the part, whatever it is made of, in the order of the list', async () => {
    const store = await open()
    const rows = await filled(store)
    const idOf = (seq: number) => rows.get(seq)?.id ?? ''
    const sorted = [...rows.values()].toSorted((a, b) => (a.emailKey < b.emailKey ? -1 : 1))
    const find = (search: Omit<LocalUserSearch, 'now'>, sort: 'email' | 'newest' = 'email') =>
      throughAllPages(
        (page) => store.read((ctx) => localUserPage(ctx, { ...search, now: start }, { ...page, sort })),
        idOf,
      )
    for (const text of tables)
      expect([text, await find({ text })]).toEqual([
        text,
        sorted.filter((row) => row.searchText.includes(searched(text))).map((row) => row.id),
      ])
    const newest = sorted.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || b.seq - a.seq)
    expect(await find({}, 'newest')).toEqual(newest.map((row) => row.id))
    expect(await find({ state: 'disabled' }, 'newest')).toEqual(
      newest.filter((row) => row.state === 'disabled').map((row) => row.id),
    )
    expect(await find({ enrollment: 'expired', text: 'no' })).toEqual(
      sorted.filter((row) => row.linkExpiresAt?.getTime() === after(-1).getTime()).map((row) => row.id),
    )
    expect(await find({ enrollment: 'waiting', state: 'enabled' })).toHaveLength(
      sorted.filter((row) => row.state === 'enabled' && row.linkExpiresAt?.getTime() !== after(-1).getTime())
        .length,
    )
  })

  it('agrees with looking into each text for any part of it, and for any other text', async () => {
    const store = await open()
    const rows = await filled(store)
    const texts = [...rows.values()].map((row) => row.searchText)
    const part = fc
      .record({ of: fc.nat(many - 1), from: fc.nat(40), length: fc.integer({ min: 1, max: 12 }) })
      .map(({ of, from, length }) =>
        Array.from(texts[of] ?? '')
          .slice(from, from + length)
          .join(''),
      )
    const any = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.oneof(part, any), async (text) => {
        fc.pre(searched(text) !== '' && !text.includes('\0'))
        const asked = { number: 0, size: 10, sort: 'email' } as const
        const page = await store.read((ctx) => localUserPage(ctx, { text, now: start }, asked))
        const fitting = [...rows.values()].filter((row) => row.searchText.includes(searched(text)))
        const first = fitting.toSorted((a, b) => (a.emailKey < b.emailKey ? -1 : 1)).slice(0, 10)
        expect(page.seqs).toEqual(first.map((row) => row.seq))
        expect(page.total ?? fitting.length).toBe(fitting.length)
      }),
      { numRuns: 150 },
    )
  })

  it('finds the new description and no longer the old one, and nobody who is gone', async () => {
    const store = await open()
    await filled(store)
    const count = (text: string) =>
      store.read(async (ctx) => {
        const { total } = await localUserPage(
          ctx,
          { text, now: start },
          { number: 0, size: 10, sort: 'email' },
        )
        return total
      })
    await store.write((ctx) =>
      updateLocalUser(ctx, { id: 'p1100', version: 1 }, { searchText: 'p1100@corp.example\nzebra qж' }),
    )
    expect([await count('zebra'), await count('p1100'), await count('zeb')]).toEqual([1, 1, 1])
    // More than a page of a long list is not counted.
    expect(await count('corp.example')).toBeUndefined()
    expect([await count('ж'), await count('qж')]).toEqual([1, 1])
    await store.write((ctx) => deleteLocalUsers(ctx, ['p1100', 'gone']))
    expect([await count('zebra'), await count('p1100')]).toEqual([0, 0])
  })
})

describeOnBothEngines('A search of local groups', (open) => {
  it('pages through those whose text holds the part', async () => {
    const store = await open()
    const count = 1_000
    const rows = await store.write(async (ctx) => {
      const groups = Array.from({ length: count }, (_, i) =>
        groupRow(`team ${String(i).padStart(4, '0')}`, {
          id: `g${i}`,
          description: words[i % words.length] ?? '',
        }),
      )
      await insertLocalGroups(ctx, groups)
      await takePlaces(ctx, 'groups', count, count)
      const made = await ctx.q.select().from(ctx.t.localGroups)
      return new Map(made.map((row) => [row.seq, row]))
    })
    const idOf = (seq: number) => rows.get(seq)?.id ?? ''
    const find = (text?: string) =>
      throughAllPages((page) => store.read((ctx) => localGroupPage(ctx, text, page)), idOf)
    const sorted = [...rows.values()].toSorted((a, b) => (a.nameKey < b.nameKey ? -1 : 1))
    for (const text of ['', 'team', 'qa', '099', '🦊', '%', 'none', 'm 0'])
      expect([text, await find(text)]).toEqual([
        text,
        sorted.filter((row) => row.searchText.includes(text)).map((row) => row.id),
      ])
    await store.write((ctx) =>
      updateLocalGroup(ctx, { id: 'g999', version: 1 }, { name: 'zoo', nameKey: 'zoo', searchText: 'zoo' }),
    )
    await store.write((ctx) => deleteLocalGroups(ctx, ['g998']))
    expect([await find('zoo'), await find('0999'), await find('0998')]).toEqual([['g999'], [], []])
  })
})
