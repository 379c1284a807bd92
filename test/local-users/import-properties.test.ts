import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Store } from '#db/store.ts'
import { addUser } from '#src/local-users/add.ts'
import { csvLine, groupsCell } from '#src/local-users/csv-write.ts'
import { usersCsv } from '#src/local-users/export.ts'
import { confirmImport, failedRows, tryImport } from '#src/local-users/import.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { batchStage } from '#test/helpers/local-batches.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const numRuns = 25
const text = fc.string({ unit: 'grapheme-composite', maxLength: 40 })
const nasty = fc.oneof(
  text,
  fc.constantFrom('=1+1', '@x', '-', '|', '\\', '"', "'=", '\t', 'a\r\nb', ';', ',,'),
)
const person = fc.record({
  local: fc.string({
    unit: fc.constantFrom('a', 'B', 'ö', '.', '+', '-', '9', "'", '='),
    minLength: 1,
    maxLength: 9,
  }),
  domain: fc.constantFrom('corp.example', 'CORP.example', 'bücher.example'),
  description: nasty,
  groups: fc.array(nasty, { maxLength: 4 }),
})

describeOnBothEngines('An import', (open) => {
  const setUp = async () => {
    const store = await open()
    const stage = batchStage(store)
    const dryRun = (file: string, updateDescriptions = true) =>
      tryImport(stage.deps, lou, { name: 'x.csv', bytes: Buffer.from(file), updateDescriptions })
    const run = async (file: string) => {
      const { id, total, done } = await dryRun(file)
      if (total > done) await confirmImport(stage.deps, lou, id)
      await stage.runner.runAllDue()
    }
    return { store, ...stage, dryRun, run }
  }

  it(
    'of an export finds nothing new, and makes the same people where there are none',
    { timeout: 240_000 },
    async () => {
      const { store, deps, dryRun, run } = await setUp()
      await fc.assert(
        fc.asyncProperty(fc.array(person, { maxLength: 12 }), async (people) => {
          await empty(store)
          const lines = people.map(({ local, domain, description, groups }) =>
            csvLine([`${local}@${domain}`, description, groupsCell(groups)]),
          )
          // Somebody who fits is there always, so that no file is empty.
          await run(['email,description,groups\r\n', ...lines, 'z@corp.example,,\r\n'].join(''))
          const exported = await usersCsv(deps, {})
          expect((await dryRun(exported)).facts).toMatchObject({
            ...{ fresh: 0, described: 0, invalid: 0, newGroups: 0, overLimit: 0, groupsOverLimit: 0 },
            there: exported.split('\r\n').length - 2,
          })
          await empty(store)
          await run(exported)
          expect(await usersCsv(deps, {})).toBe(exported)
        }),
        { numRuns },
      )
    },
  )

  it('puts every line into the one drawer into which it belongs', { timeout: 240_000 }, async () => {
    const { store, deps, dryRun } = await setUp()
    for (const name of ['old1', 'old2'])
      await addUser(deps, lou, { email: `${name}@corp.example`, description: '' })
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 25 }), style, async (lines, how) => {
        const { file, expected } = write(lines, how)
        const { id, facts, total, failed } = await dryRun(file, how.updates)
        const { fresh, there, wrong } = expected
        const described = how.updates ? expected.described : 0
        expect(facts).toMatchObject({ fresh, there, described, invalid: wrong.length })
        expect({ total, failed }).toEqual({ total: fresh + described + wrong.length, failed: wrong.length })
        const rows = await failedRows(deps, lou, id, { from: 0, limit: 100 })
        expect(rows.map(({ row, reason }) => [row, reason])).toEqual(wrong)
        await store.write(async (ctx) => ctx.q.delete(ctx.t.batches))
      }),
      { numRuns: numRuns * 4 },
    )
  })
})

async function empty(store: Store): Promise<void> {
  await store.write(async ({ q, t }) => {
    for (const table of [t.localUsers, t.localGroups, t.localMembers, t.localCounts, t.mails, t.batches])
      await q.delete(table)
  })
}

const drawers = {
  fresh: ['New1@corp.example', 'new2@corp.example', 'new3@corp.example'],
  there: ['old1@corp.example', 'OLD2@corp.example'],
  email_missing: ['', '  '],
  email_not_an_address: ['x', 'a@b', '=1+1', 'a b@corp.example', '\u0000@corp.example'],
  email_too_long: [`${'x'.repeat(250)}@corp.example`],
} as const
const line = fc.oneof(
  ...(['fresh', 'there', 'email_missing', 'email_not_an_address', 'email_too_long'] as const).map((kind) =>
    fc.record({
      kind: fc.constant(kind),
      email: fc.constantFrom(...drawers[kind]),
      description: fc.constantFrom('one', 'two, or; three', 'say "four"', 'five\nsix', '\u0000'),
      surplus: fc.boolean(),
    }),
  ),
)
type Line = typeof line extends fc.Arbitrary<infer L> ? L : never
const style = fc.record({
  updates: fc.boolean(),
  delimiter: fc.constantFrom(',', ';'),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  bom: fc.constantFrom('', '\ufeff'),
  header: fc.constantFrom(['email', 'description'], ['Description', 'EMAIL', 'else']),
})
type Style = typeof style extends fc.Arbitrary<infer S> ? S : never

/** A file of these lines, and what is to be found in it: the rules of the product, told once more and otherwise. */
function write(lines: readonly Line[], { delimiter, end, bom, header }: Style) {
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""').replaceAll('\n', end)}"`
  const seen = new Map<string, number>()
  const expected = { fresh: 0, there: 0, described: 0, wrong: [] as unknown[] }
  let at = 2
  const rows = lines.map(({ kind, email, description, surplus }) => {
    const cells = header.map((name) =>
      name.toLowerCase() === 'email' ? email : name === 'else' ? 'x' : description,
    )
    const begins = at
    at += description.includes('\n') ? 2 : 1
    const first = seen.get(email.toLowerCase())
    if (surplus) expected.wrong.push([begins, { kind: 'too_many_cells' }])
    else if (kind !== 'fresh' && kind !== 'there') expected.wrong.push([begins, { kind }])
    else if (first !== undefined) expected.wrong.push([begins, { kind: 'twice_in_file', line: first }])
    else {
      seen.set(email.toLowerCase(), begins)
      expected[kind] += 1
      // Those who are there have no description yet, and what is no text is none.
      expected.described += kind === 'there' && description !== '\u0000' ? 1 : 0
    }
    return [...cells, ...(surplus ? ['surplus'] : [])].map(quoted).join(delimiter)
  })
  return { file: bom + [header.join(delimiter), ...rows].join(end) + end, expected }
}
