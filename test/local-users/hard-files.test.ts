import { expect, it } from 'vitest'
import { countOf, takePlaces } from '#db/queries/local-counts.ts'
import { groupsOfUsers } from '#db/queries/local-groups.ts'
import { localUsersByEmailKeys } from '#db/queries/local-users.ts'
import { UserError } from '#src/errors.ts'
import { openCsv } from '#src/local-users/csv-file.ts'
import { readRows } from '#src/local-users/csv-rows.ts'
import { failuresCsv, usersCsv } from '#src/local-users/export.ts'
import { confirmImport, failedRows, tryImport } from '#src/local-users/import.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { batchStage, csvOf } from '#test/helpers/local-batches.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const megabyte = 1024 * 1024
const many = (count: number, one: (i: number) => string) => Array.from({ length: count }, (_, i) => one(i))
const utf16 = (text: string, end: 'le' | 'be') => {
  const bytes = Buffer.from(text, 'utf16le')
  return end === 'le' ? bytes : bytes.swap16()
}
const head = 'email,description,groups\n'

describeOnBothEngines('A hard file', (open) => {
  const setUp = async () => {
    const store = await open()
    const stage = batchStage(store)
    const dryRun = (bytes: string | Buffer) =>
      tryImport(stage.deps, lou, { name: 'people.csv', bytes: Buffer.from(bytes), updateDescriptions: false })
    /** Imports it and returns who is there then, and what became of the other lines. */
    const run = async (bytes: string | Buffer) => {
      const { id, total, done } = await dryRun(bytes)
      if (total > done) await confirmImport(stage.deps, lou, id)
      await stage.runner.runAllDue()
      const failures = await failedRows(stage.deps, lou, id, { from: 0, limit: 20 })
      const files = [await failuresCsv(stage.deps, id), await usersCsv(stage.deps, {})]
      // Spreadsheets calculate nothing in what is given back, and the failed rows can be read again.
      for (const file of files) expect(file).not.toMatch(/(?:[,\n]|^)"?[=+\-@\t]/)
      if (failures.length > 0) await readRows(openCsv(Buffer.from(files[0] ?? '')))
      const listed = (files[1] ?? '').split('\r\n').slice(1, -1)
      return {
        batch: await stage.batch(id),
        people: listed.map((line) => line.split(',')[0]),
        wrong: failures.map(({ row, reason }) => [row, reason]),
      }
    }
    return { store, ...stage, dryRun, run }
  }

  it.each([
    ['with a BOM', '\ufeffemail\na@b.example\n'],
    ['with CRLF', 'email\r\na@b.example\r\n'],
    ['with quoted newlines', 'email,description\r\na@b.example,"one\r\ntwo\nthree"\r\n'],
    ['with quoted newlines in its header', '"email","of\nwhat"\na@b.example,x\n'],
    ['with semicolons', 'email;description\na@b.example;x,y\n'],
    ['with a comma in a quoted header', '"email";"a,b,c,d"\na@b.example;x\n'],
    [
      'with NUL bytes',
      `email,no\u0000te,description\na@b.example,\u0000,\u0000one\u0000\n\u0000@b.example,,\n`,
    ],
    ['with formulas', 'email,description\na@b.example,"=HYPERLINK(""https://evil.example"")"\n=1+1,\n'],
    ['with a million columns', `email${','.repeat(999_999)}\na@b.example\n`],
    ['with a million empty cells', `email\na@b.example${','.repeat(999_999)}\n`],
    ['with a million named columns', `email${many(400_000, (i) => `,c${i}`).join('')}\na@b.example\n`],
    ['with a million lines that are empty', `email\n${'\n'.repeat(1_000_000)}a@b.example\n`],
    ['with 20,000 lines that are wrong', `email\na@b.example\n${'x\n'.repeat(19_999)}`],
    ['with a line of 4 MB', `email,description\na@b.example,\nb@b.example,${'d'.repeat(4 * megabyte)}\n`],
    ['with an address of 4 MB', `email\na@b.example\n${'e'.repeat(4 * megabyte)}@b.example\n`],
    ['with 4 MB of quotation marks', `email\na@b.example\n"${'"'.repeat(4 * megabyte)}\n`],
    ['with 4 MB of blanks', `email\n${' '.repeat(4 * megabyte)}a@b.example\n`],
    ['with a surrogate pair where it is cut', `email\na@b.example\n${'x'.repeat(1_999)}😀😀\n`],
  ])('%s gives the one person in it', { timeout: 240_000 }, async (_, file) => {
    const { run } = await setUp()
    const { batch, people } = await run(file)
    expect(people).toEqual(['a@b.example'])
    expect(batch).toMatchObject({ state: 'done', changed: 1 })
  })

  it.each([
    ['UTF-16 from Excel', utf16('\ufeffemail\r\na@b.example\r\n', 'le'), 'is encoded as UTF-16'],
    ['UTF-16, the other way round', utf16('\ufeffemail\na@b.example\n', 'be'), 'is encoded as UTF-16'],
    ['UTF-16 without its mark', utf16('email\na@b.example\n', 'be'), 'is encoded as UTF-16'],
    ['Latin-1', Buffer.from('email,description\na@b.example,J\xf6rg\n', 'latin1'), 'looks like Latin-1'],
    ['nothing', '', 'This file is empty'],
    ['only a BOM', '\ufeff', 'This file is empty'],
    ['only a header', '\ufeffemail,description\r\n', 'a header and no people'],
    ['another header', 'Mail\u0000;Name\na@b.example;x\n', 'I found no column email, only Mail'],
    ['a header of 4 MB', 'x'.repeat(4 * megabyte), 'I found no column email'],
    ['5 MB and a byte', Buffer.alloc(5 * megabyte + 1, head), 'This file is larger than 5 MB'],
  ])('of %s is refused with a sentence, and nothing is kept', async (_, file, sentence) => {
    const { store, dryRun } = await setUp()
    const refused = await dryRun(file).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(UserError)
    expect(refused).toMatchObject({ message: expect.stringContaining(sentence), field: 'file' })
    expect(String(refused).length).toBeLessThan(600)
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.batches))).toEqual([])
  })

  it('of 10,001 people fills all places and names the one for whom there is none', async () => {
    const { store, run, dryRun } = await setUp()
    expect((await dryRun(csvOf(10_001))).facts).toMatchObject({ fresh: 10_000, overLimit: 1 })
    const { batch, wrong } = await run(csvOf(10_001))
    expect(batch).toMatchObject({ state: 'done', total: 10_001, changed: 10_000, failed: 1 })
    expect(wrong).toEqual([[10_002, { kind: 'too_many_users' }]])
    expect(await store.read((ctx) => countOf(ctx, 'users'))).toBe(10_000)
  })

  it('takes addresses of 256 characters and international ones, each once', async () => {
    const { run } = await setUp()
    const long = `${'ö'.repeat(243)}@corp.example`
    const { people, wrong } = await run(
      [
        'email',
        long, // 2
        `x${long}`, // 3
        'Jörg@Bücher.example', // 4
        'JÖRG@xn--bcher-kva.example', // 5
        'JO\u0308RG@BÜCHER.example', // 6
        'ann@corp.example', // 7
        'ＡＮＮ@corp.example', // 8
        'ANN@CORP.EXAMPLE', // 9
        '用户@例子.example', // 10
      ].join('\n'),
    )
    expect(new Set(people)).toEqual(
      new Set([long, 'Jörg@Bücher.example', 'ann@corp.example', 'ＡＮＮ@corp.example', '用户@例子.example']),
    )
    expect(wrong).toEqual([
      [3, { kind: 'email_too_long' }],
      [5, { kind: 'twice_in_file', line: 4 }],
      [6, { kind: 'twice_in_file', line: 4 }],
      [9, { kind: 'twice_in_file', line: 7 }],
    ])
  })

  it('with many people in very many groups makes all of them', { timeout: 240_000 }, async () => {
    const { store, run } = await setUp()
    const groups = many(400, (i) => `g${i}`).join('|')
    const { batch, people } = await run(
      `${head}${many(100, (i) => `p${i}@b.example,,${groups}`).join('\n')}\n`,
    )
    expect(batch).toMatchObject({ state: 'done', changed: 100, failed: 0 })
    expect(people).toHaveLength(100)
    expect(await store.read((ctx) => ctx.q.select().from(ctx.t.localMembers))).toHaveLength(40_000)
  })

  it(
    'with more groups than there may be makes as many as there is room for',
    { timeout: 240_000 },
    async () => {
      const { store, run } = await setUp()
      await store.write((ctx) => takePlaces(ctx, 'groups', 990, 1_000))
      const line = (i: number) => `p${i}@b.example,,${many(900, (g) => `g${i}x${g}`).join('|')}`
      const { batch, wrong } = await run(`${head}${many(100, line).join('\n')}\nq@b.example,,g0x1\n`)
      expect(batch).toMatchObject({ state: 'done', total: 101, changed: 101, partly: 100, failed: 0 })
      expect(wrong[0]).toEqual([2, { kind: 'made_without_groups' }])
      expect(await store.read((ctx) => countOf(ctx, 'groups'))).toBe(1_000)
      const [q] = await store.read((ctx) => localUsersByEmailKeys(ctx, ['q@b.example']))
      expect(await store.read((ctx) => groupsOfUsers(ctx, [q?.id ?? '']))).toMatchObject([{ name: 'g0x1' }])
    },
  )

  it('with a cell of 4 MB of groups costs one line', { timeout: 240_000 }, async () => {
    const { run } = await setUp()
    const groups = many(600_000, (i) => i.toString(36)).join('|')
    const { people, wrong } = await run(`${head}a@b.example,,${groups}\nb@b.example,,\n`)
    expect(people).toEqual(['b@b.example'])
    expect(wrong).toEqual([[2, { kind: 'too_many_groups_named' }]])
  })
})
