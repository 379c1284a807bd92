import { setImmediate } from 'node:timers/promises'
import { parse, type Parser } from 'csv-parse'
import { UserError } from '#src/errors.ts'

/** The largest file that is read. */
export const largestFile = 5 * 1024 * 1024

/** One record of a file, and the line on which it begins. `undefined` cells: its quotation marks make no sense. */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[] | undefined
  /** As it stands in the file, where it could not be read. */
  readonly raw?: string
}

/** A file as text, and what separates its cells. */
export interface CsvText {
  readonly bytes: Buffer
  readonly delimiter: ',' | ';'
  /** The line on which the text begins: 2 where Excel's `sep=;` stands before it. */
  readonly firstLine: number
}

const chunk = 64 * 1024
const firstChunk = 512
// A quotation mark that is never closed makes the parser read to the end of the file.
const mostReadsToTheEnd = 20
const lineEnd = /\r\n|\n|\r/

function refuse(sentence: string): never {
  throw new UserError('not_understood', sentence, 'file')
}

/**
 * Looks at a file as a whole: its size, its encoding (UTF-8, with or without BOM), its separator (`;` or `,`). Throws
 * `UserError('not_understood')` that says what to save instead.
 */
export function openCsv(file: Uint8Array): CsvText {
  if (file.byteLength > largestFile)
    refuse('This file is larger than 5 MB. Split it and import the parts one after the other.')
  if (file.byteLength === 0)
    refuse('This file is empty. It needs a header line with email, and a line per person.')
  const text = decode(Buffer.from(file.buffer, file.byteOffset, file.byteLength))
  const [first = ''] = text.split(lineEnd, 1)
  const told = /^sep=([;,])$/i.exec(first)?.[1]
  if (told === undefined) return { bytes: Buffer.from(text), delimiter: separatorOf(first), firstLine: 1 }
  const rest = text.slice(first.length).replace(lineEnd, '')
  return { bytes: Buffer.from(rest), delimiter: told === ';' ? ';' : ',', firstLine: 2 }
}

/** How files begin that are picked in place of a list, in hexadecimal. */
const otherFiles: readonly (readonly [string, string])[] = [
  ['504b0304', 'an Excel workbook or another archive'],
  ['d0cf11e0a1b11ae1', 'an Excel workbook in its old format, or another Office document'],
  ['25504446', 'a PDF'],
  ['89504e470d0a1a0a', 'a picture'],
  ['ffd8ff', 'a picture'],
  ['474946383761', 'a picture'],
  ['474946383961', 'a picture'],
  ['1f8b08', 'a packed file'],
]

function decode(bytes: Buffer): string {
  const inOtherWords = 'Save it as “CSV UTF-8” and send it again.'
  const head = bytes.subarray(0, 8).toString('hex')
  const other = otherFiles.find(([signature]) => head.startsWith(signature))?.[1]
  if (other !== undefined)
    refuse(`This is ${other}, not a CSV file. Save the list of people as “CSV UTF-8” and send that.`)
  const start = bytes.subarray(0, 2).toString('hex')
  const nulls = bytes.subarray(0, 4096).filter((byte) => byte === 0).length
  if (start === 'fffe' || start === 'feff' || nulls > Math.min(4096, bytes.length) / 4)
    refuse(`This file is encoded as UTF-16. ${inOtherWords}`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    if (nulls > 0)
      return refuse('This is not a text file. Save the list of people as “CSV UTF-8” and send that.')
    return refuse(`This file is not UTF-8; it looks like Latin-1 (Windows-1252). ${inOtherWords}`)
  }
}

function separatorOf(header: string): ',' | ';' {
  const outside = header.replaceAll(/"[^"]*"/g, '')
  return outside.split(';').length > outside.split(',').length ? ';' : ','
}

/**
 * The records of a file, a piece of it at a time, with pauses that leave room for others. A record that can't be read costs
 * its first line only: reading goes on at the next one.
 */
export async function* readRecords(file: CsvText): AsyncGenerator<readonly CsvRecord[]> {
  const { bytes, delimiter } = file
  let toTheEnd = 0
  for (let from = 0, line = file.firstLine; from < bytes.length;) {
    const fault = yield* readUntilFault(bytes.subarray(from), line, delimiter)
    if (fault === undefined) return
    const begin = from + fault.atByte
    toTheEnd += fault.isUnclosed ? 1 : 0
    const next = toTheEnd < mostReadsToTheEnd ? endOfLine(bytes, begin) : bytes.length
    const raw = bytes
      .subarray(begin, next)
      .toString()
      .replace(/[\r\n]+$/, '')
    yield [{ line: fault.line, cells: undefined, raw: raw.slice(0, 2_000) }]
    from = next
    line = fault.line + 1
  }
}

/** Where a record begins that can't be read. */
interface ReadFault {
  readonly atByte: number
  readonly line: number
  readonly isUnclosed: boolean
}

async function* readUntilFault(
  bytes: Buffer,
  firstLine: number,
  delimiter: string,
): AsyncGenerator<readonly CsvRecord[], ReadFault | undefined> {
  let fault: string | undefined
  let atByte = 0
  let line = firstLine
  let found: CsvRecord[] = []
  const parser = parse({
    delimiter,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    // Left to throw, the parser would take records with it that it has read and not yet handed out.
    skip_records_with_error: true,
    on_skip(error) {
      fault ??= error?.code ?? 'unknown'
      return undefined
    },
    // Taken here rather than from the stream, which costs twice as much for each record.
    on_record(cells, { bytes: end }) {
      if (fault !== undefined) return null
      found.push({ line, cells })
      line += countLines(bytes, atByte, end)
      atByte = end
      return null
    },
  })
  try {
    for (const piece of pieces(bytes)) {
      await written(parser, piece)
      if (found.length > 0) yield found
      found = []
      if (fault !== undefined) break
      // Clicks are worked on in between.
      await setImmediate()
    }
    if (fault === undefined) await written(parser)
    if (found.length > 0) yield found
  } finally {
    parser.destroy()
  }
  if (fault === undefined) return undefined
  return { atByte, line, isUnclosed: fault === 'CSV_QUOTE_NOT_CLOSED' }
}

/** Has the parser take a piece, or learn that there is none any more. */
async function written(parser: Parser, piece?: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve())
    if (piece === undefined) parser.end(done)
    else parser.write(piece, done)
  })
}

// A file with many lines that can't be read begins anew that often, so little is taken first.
function* pieces(bytes: Buffer): Generator<Buffer> {
  let size = firstChunk
  for (let i = 0; i < bytes.length; i += size) {
    if (i > 0) size = Math.min(i, chunk)
    yield bytes.subarray(i, i + size)
  }
}

// csv-parse itself counts two for a quoted CRLF.
function countLines(bytes: Buffer, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i += 1)
    if (bytes[i] === 10 || (bytes[i] === 13 && bytes[i + 1] !== 10)) count += 1
  return count
}

function endOfLine(bytes: Buffer, from: number): number {
  const newline = bytes.indexOf('\n', from)
  const carriage = bytes.indexOf('\r', from)
  if (newline === -1 && carriage === -1) return bytes.length
  if (carriage === -1 || (newline !== -1 && newline < carriage)) return newline + 1
  return newline === carriage + 1 ? newline + 1 : carriage + 1
}
