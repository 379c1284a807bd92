import { UserError } from '#src/errors.ts'
import { readPersonQuery } from '#src/iam/person-query.ts'
import { openCsv, readRecords } from '#src/local-users/csv-file.ts'
import { readCell } from '#src/local-users/csv-write.ts'
import type { LeftOut } from '#src/tasks/people/left-out.ts'

/** The most people that one task names. */
export const mostPeople = 500
/** The longest text that is pasted into the form. */
export const longestPaste = 3_000
// A file with more lines than this is no list of people for one task.
const mostLines = 20_000
const longestShown = 200

/** Somebody on a list, by the line that names them. */
export interface ListedPerson {
  readonly line: number
  readonly text: string
  /** Set where the line alone tells that nobody can be looked up for it. */
  readonly leftOut: LeftOut | undefined
}

/**
 * Reads pasted names: one to a line, or separated by commas or semicolons; of `Alice Nguyen <alice@corp.example>` the
 * address counts. A name that stands there twice counts the first time. Nothing is dropped silently: what cannot be a
 * name is listed as unreadable. Throws `UserError` (field `people`) for nobody and for too many.
 */
export function readPastedPeople(text: string): readonly ListedPerson[] {
  const named = text
    .split(/\r\n|\n|\r/)
    .flatMap((line, index) => namesOf(line).map((name) => [index + 1, name] as const))
  return sorted(named, 'people')
}

const aDn = /^\s*[a-z][a-z0-9-]*=[^,]+,.*=/i
const inBrackets = /^(.*)<([^<>\s@]+@[^<>\s]+)>\s*$/

function namesOf(line: string): readonly string[] {
  if (aDn.test(line)) return [line]
  // A comma inside "Nguyen, Alice <alice@…>" separates nobody.
  return line.split(/;|\t|(?<=>)\s*,/).flatMap((piece) => {
    const [, before = '', address] = inBrackets.exec(piece) ?? []
    if (address === undefined) return piece.split(',')
    // A second address before the brackets would be lost: the piece is listed as it is.
    return before.includes('@') ? [piece] : [address]
  })
}

/**
 * Reads the people of a CSV file by its column `email`, `login` or another of those names; without a header, the first
 * column when its first cell is an address. Throws `UserError` (field `file`).
 */
export async function readPeopleFile(file: Uint8Array): Promise<readonly ListedPerson[]> {
  const named: (readonly [number, string])[] = []
  let columns: readonly number[] | undefined
  for await (const records of readRecords(openCsv(file)))
    for (const { line, cells, raw } of records) {
      if (named.length > mostLines) refuse(`This file has more than ${mostLines} lines. Split it.`, 'file')
      if (cells === undefined) {
        named.push([line, raw ?? ''])
        continue
      }
      if (cells.every((cell) => cell.trim() === '')) continue
      if (columns === undefined) {
        columns = columnsOf(cells)
        if (columns.length > 0) continue
        columns = [0]
        if (!(cells[0] ?? '').includes('@')) refuse(noColumn(cells), 'file')
      }
      const name = columns.map((at) => readCell(cells[at] ?? '').trim()).find((cell) => cell !== '')
      // A line with other cells and no name is somebody, too; the sign makes it unreadable.
      named.push([line, name ?? `\u0000${cells.join(', ')}`])
    }
  return sorted(named, 'file')
}

// What a person is looked up by, the surest first.
const columnNames = [
  ['email', 'e-mail', 'mail', 'emailaddress', 'primaryemail', 'workemail'],
  ['userprincipalname', 'upn'],
  ['login', 'user', 'username', 'account', 'person', 'samaccountname', 'uid', 'userid'],
]

function columnsOf(header: readonly string[]): readonly number[] {
  const names = header.map((cell) =>
    cell
      .trim()
      .toLowerCase()
      .replaceAll(/[\s_]+/g, ''),
  )
  return columnNames.flatMap((same) => {
    const at = names.findIndex((name) => same.includes(name))
    return at === -1 ? [] : [at]
  })
}

function noColumn(cells: readonly string[]): string {
  const shown = cells.map((cell) => cell.trim().slice(0, 40)).filter((cell) => cell !== '')
  return `I found no column email or login, only ${shown.slice(0, 8).join(', ')}. The first line names the columns.`
}

function sorted(
  named: readonly (readonly [line: number, text: string])[],
  field: 'people' | 'file',
): readonly ListedPerson[] {
  const lineOf = new Map<string, number>()
  const all = named.flatMap(([line, written]): readonly ListedPerson[] => {
    const text = written.trim()
    if (text === '') return []
    const shown = text
      .replaceAll(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, longestShown)
    if (readPersonQuery(text) === undefined) return [{ line, text: shown, leftOut: { kind: 'unreadable' } }]
    const first = lineOf.get(text.toLowerCase())
    if (first !== undefined) return [{ line, text, leftOut: { kind: 'same_as', line: first } }]
    lineOf.set(text.toLowerCase(), line)
    return [{ line, text, leftOut: undefined }]
  })
  if (lineOf.size === 0) refuse(nobody[field], field)
  if (lineOf.size > mostPeople)
    refuse(`This names ${lineOf.size} people; one task takes ${mostPeople} at most. Split the list.`, field)
  return all
}

const nobody = {
  people: 'Paste e-mail addresses or logins, one to a line, or pick a CSV file.',
  file: 'This file names nobody. It needs a header line with email or login, and a line per person.',
}

function refuse(sentence: string, field: 'people' | 'file'): never {
  throw new UserError('not_understood', sentence, field)
}

/** Whether a text for one person names several: addresses with a comma, a semicolon or a new line between them. Pure. */
export function namesSeveral(text: string): boolean {
  if (aDn.test(text)) return false
  const [first = '', second = ''] = text.split(/[,;\n]/).map((part) => part.trim())
  return /^\S+@\S+$/.test(first) && /^\S+@\S+/.test(second)
}
