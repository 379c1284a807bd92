import { UserError } from '#src/errors.ts'
import {
  firstOfEach,
  limits,
  longerThan,
  readDescription,
  readEmail,
  readGroupName,
} from '#src/local-users/account.ts'
import { type CsvRecord, type CsvText, readRecords } from '#src/local-users/csv-file.ts'
import { readCell, readGroupsCell } from '#src/local-users/csv-write.ts'
import type { Fault } from '#src/local-users/faults.ts'
import { groupNameFault } from '#src/local-users/groups.ts'

/** One person of a file. */
export interface ImportRow {
  readonly line: number
  readonly email: string
  readonly key: string
  readonly description: string
  /** Their names; each group once. */
  readonly groups: readonly string[]
}

/** The cells of a line, as far as it had some, so that they can be mended. */
export interface RowCells {
  readonly email: string
  readonly description: string
  readonly groups: string
}

/** One line of a file that can't be imported. */
export interface RowFault {
  readonly line: number
  readonly cells: RowCells
  readonly fault: Fault
}

/** A file that was read. */
export interface ReadRows {
  readonly rows: readonly ImportRow[]
  readonly faults: readonly RowFault[]
  /** Whether there is a column for descriptions. */
  readonly hasDescriptions: boolean
  /** Columns that mean nothing here, as they are called in the file. */
  readonly unknownColumns: readonly string[]
}

/** More lines than this are no list of people for this product. */
const mostLines = 20_000

const ours = ['email', 'description', 'groups'] as const
// What our own exports say beside that.
const passedOver = new Set(['line', 'reason', 'state', 'enrollment'])

/**
 * Reads all lines of a file; each is judged alone, and its line is the one on which it begins. An address that stands
 * there twice counts the first time. Throws `UserError('not_understood')` for a file without the columns that are needed,
 * without people or with too many lines.
 */
export async function readRows(file: CsvText): Promise<ReadRows> {
  const rows: ImportRow[] = []
  const faults: RowFault[] = []
  const known: Known = { lineOf: new Map(), groupsOf: new Map() }
  let header: Header | undefined
  for await (const records of readRecords(file))
    for (const record of records) {
      if (record.cells?.every((cell) => cell.trim() === '') === true) continue
      if (header === undefined) {
        header = readHeader(record)
        continue
      }
      if (rows.length + faults.length === mostLines)
        refuse(`This file has more than ${mostLines.toLocaleString('en')} lines. Split it.`)
      const judged = judge(record, header, known)
      if ('fault' in judged) faults.push(judged)
      else {
        known.lineOf.set(judged.key, judged.line)
        rows.push(judged)
      }
    }
  if (header === undefined)
    refuse('This file is empty. It needs a header line with email, and a line per person.')
  if (rows.length + faults.length === 0)
    refuse('This file has a header and no people. Add a line per person.')
  const hasDescriptions = header.at.description !== -1
  return { rows, faults, hasDescriptions, unknownColumns: header.unknown }
}

/** What was read of the file before. */
interface Known {
  /** Where an address stands, by its key. */
  readonly lineOf: Map<string, number>
  /** What a cell with groups says: many people are in the same ones. */
  readonly groupsOf: Map<string, ImportRow['groups'] | Fault>
}

function refuse(sentence: string): never {
  throw new UserError('not_understood', sentence, 'file')
}

/** Where our columns stand. */
interface Header {
  readonly at: { readonly [name in (typeof ours)[number]]: number }
  readonly width: number
  readonly unknown: readonly string[]
}

function readHeader({ cells }: CsvRecord): Header {
  const named = (cells ?? []).map((cell) => cell.trim())
  const names = named.map((name) => name.toLowerCase())
  const example = 'The first line names the columns: email, description and, if wanted, groups.'
  const shown = named.filter((name) => name !== '').map((name) => name.slice(0, 40))
  if (!names.includes('email'))
    refuse(`I found no column email, only ${shown.slice(0, 8).join(', ') || 'unreadable text'}. ${example}`)
  const twice = ours.find((name) => names.indexOf(name) !== names.lastIndexOf(name))
  if (twice !== undefined) refuse(`The column ${twice} is there twice. ${example}`)
  return {
    at: {
      email: names.indexOf('email'),
      description: names.indexOf('description'),
      groups: names.indexOf('groups'),
    },
    width: names.length,
    unknown: named.filter((name, i) => {
      const known = ours.some((one) => one === names[i]) || passedOver.has(names[i] ?? '')
      return name !== '' && !known
    }),
  }
}

function judge(record: CsvRecord, header: Header, { lineOf, groupsOf }: Known): ImportRow | RowFault {
  const { line, cells } = record
  if (cells === undefined)
    return fault(
      line,
      { email: kept(record.raw ?? ''), description: '', groups: '' },
      { kind: 'not_readable' },
    )
  const cell = (name: (typeof ours)[number]) => readCell(cells[header.at[name]] ?? '')
  const texts = { email: cell('email'), description: cell('description'), groups: cell('groups') }
  const failed = (why: Fault) =>
    fault(
      line,
      { email: kept(texts.email), description: kept(texts.description), groups: kept(texts.groups) },
      why,
    )
  if (cells.slice(header.width).some((text) => text.trim() !== '')) return failed({ kind: 'too_many_cells' })
  const address = readEmail(texts.email)
  if (typeof address === 'string') return failed({ kind: address })
  const first = lineOf.get(address.key)
  if (first !== undefined) return failed({ kind: 'twice_in_file', line: first })
  const description = readDescription(texts.description)
  if (longerThan(description, limits.userDescription)) return failed({ kind: 'description_too_long' })
  const groups = groupsOf.get(texts.groups) ?? readGroups(texts.groups)
  groupsOf.set(texts.groups, groups)
  if ('kind' in groups) return failed(groups)
  return { line, email: address.email, key: address.key, description, groups }
}

function readGroups(cell: string): ImportRow['groups'] | Fault {
  const names = readGroupsCell(cell)
  if (names.length > limits.groups) return { kind: 'too_many_groups_named' }
  const wrong = names.map(groupNameFault).find((one) => one !== undefined)
  return wrong ?? [...firstOfEach(names.map(readGroupName)).values()].map(({ name }) => name)
}

function fault(line: number, cells: RowCells, why: Fault): RowFault {
  return { line, cells, fault: why }
}

/** As much of a cell as helps to find and mend it. PostgreSQL keeps no NUL. */
function kept(text: string): string {
  return text.slice(0, 2_000).replaceAll('\u0000', '\ufffd')
}
