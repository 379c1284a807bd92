import { expect, test } from 'vitest'
import type { ImportFacts } from '#src/local-users/batch.ts'
import { dryRunForm, dryRunMessage } from '#src/slack/messages/local/import.ts'
import { draftBatch, importFacts, refusedRows } from '#test/helpers/gallery/local.ts'

const nobody = { fresh: 0, there: 0, invalid: 0, invalidLines: [], newGroups: 0, newGroupNames: [] }
const shown = (fields: Partial<ImportFacts>) => {
  const facts = { ...importFacts, ...nobody, ...fields }
  const form = dryRunForm(draftBatch, facts, refusedRows)
  const { text, blocks } = dryRunMessage(draftBatch, facts, refusedRows)
  return { button: form.submit?.text, form: JSON.stringify(form), text, blocks: JSON.stringify(blocks) }
}

test('the button of a dry run counts accounts that are made as imported, and others as updated', () => {
  expect(shown({ fresh: 9_812 }).button).toBe('Import 9,812 accounts')
  expect(shown({ fresh: 1, there: 3 }).button).toBe('Import 1 account')
  expect(shown({ there: 3, described: 2, emptied: 1 }).button).toBe('Update 3 accounts')
  expect(shown({ fresh: 2, there: 3, described: 3 }).button).toBe('Import and update')
  expect(shown({ there: 3 }).button).toBeUndefined()
  expect(shown({ fresh: 2, there: 3, described: 3 }).text).toBe(
    'people.csv: 2 accounts can be imported, 3 accounts can be updated. Nothing has been imported yet. New people get a mail with a link to enroll.',
  )
})

test('a dry run says what becomes of the descriptions of those who are there', () => {
  const described = (fields: Partial<ImportFacts>) => shown({ there: 5, ...fields }).form
  expect(described({})).toContain('*5* already there (left as they are)')
  expect(described({ described: 1, emptied: 2 })).toContain(
    '(1 gets a new description, 2 lose their descriptions)',
  )
  expect(described({ described: 2, emptied: 1 })).toContain(
    '(2 get a new description, 1 loses its description)',
  )
  expect(described({ noDescriptions: true })).toContain('the file has no column `description`')
})

test('a dry run counts in words that fit one and many', () => {
  expect(shown({ overLimit: 1, groupsOverLimit: 2 }).blocks).toMatch(
    /local users: no, \*1\* is too many.*groups: no, \*2\* are too many/,
  )
})

test('a dry run says why the first lines can’t be imported, and offers all of them, also where nothing can be', () => {
  const nothing = shown({ invalid: 4, invalidLines: [17, 18, 19, 20] })
  expect(nothing.button).toBeUndefined()
  expect(nothing.text).toBe('people.csv: There is nothing to import in this file. 4 lines can’t be imported.')
  for (const blocks of [nothing.form, nothing.blocks]) {
    expect(blocks).toContain('Line 17: `nonsense` — This is not an e-mail address')
    expect(blocks).toContain('And 1 more that can’t be imported.')
    expect(blocks).toContain('Failed rows (CSV)')
    expect(blocks).not.toContain('local_import_start')
  }
})

test('a dry run counts those who stay disabled', () => {
  expect(shown({ fresh: 2, held: 1 }).form).toContain('*1* of them stays disabled: a Disable task')
  expect(shown({ fresh: 2, held: 0 }).form).not.toContain('disabled')
})
