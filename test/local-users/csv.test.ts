import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvRecord, openCsv, readRecords } from '#src/local-users/csv-file.ts'
import { readRows } from '#src/local-users/csv-rows.ts'
import { csvLine, groupsCell, readCell, readGroupsCell } from '#src/local-users/csv-write.ts'

const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding)
const read = async (text: string | Buffer) => readRows(openCsv(typeof text === 'string' ? bytes(text) : text))
const people = async (text: string | Buffer) =>
  (await read(text)).rows.map((row) => [row.email, row.description])
const wrong = async (text: string) => (await read(text)).faults.map(({ line, fault }) => [line, fault.kind])
async function recordsOf(text: string): Promise<CsvRecord[]> {
  const records: CsvRecord[] = []
  for await (const some of readRecords(openCsv(bytes(text)))) records.push(...some)
  return records
}
const refusal = (text: string | Buffer) =>
  read(text).then(
    () => 'no refusal',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  )

// Mostly NUL, as UTF-16 is too.
const oldWorkbook = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(504)])

describe('A CSV file', () => {
  it.each([
    ['plain', 'email,description\na@b.example,one\n'],
    ['with a BOM and CRLF', '\ufeffEmail,Description\r\na@b.example,one\r\n'],
    ['with semicolons and quotes', '"email";"description"\n"a@b.example";"one"'],
    ['that says its separator', 'sep=;\r\nemail;description\r\na@b.example;one\r\n'],
    ['with old line ends', 'email,description\ra@b.example,one\r'],
    ['with blanks and empty lines', '\n EMAIL , description \n\n a@b.example , one \n,\n\n'],
    ['with columns in another order', 'description,x,email\none,2,a@b.example\n'],
    ['with cells left out and empty ones too many', 'email,description\na@b.example,one,,\n'],
    ['with a newline in quotation marks', 'email,"descrip\ntion",description\na@b.example,"x\ny","one\n"\n'],
  ])('%s is read', async (_, text) => {
    expect(await people(text)).toEqual([['a@b.example', 'one']])
  })

  it.each([
    ['UTF-16 with its mark', bytes('\ufeffemail\na@b.example\n', 'utf16le'), 'UTF-16'],
    ['UTF-16 without its mark', bytes('email\na@b.example\n', 'utf16le'), 'UTF-16'],
    ['Latin-1', bytes('email,description\na@b.example,J\xf6rg\n', 'latin1'), 'Latin-1'],
    ['an Excel workbook', Buffer.concat([bytes('PK\u0003\u0004'), Buffer.alloc(99)]), 'Excel workbook'],
    ['an old Excel workbook', oldWorkbook, 'an Excel workbook in its old format'],
    ['a PDF', bytes('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1'), 'This is a PDF, not a CSV file.'],
    ['a PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'This is a picture, not a CSV file.'],
    ['a JPEG', Buffer.from('ffd8ffe000104a464946', 'hex'), 'This is a picture'],
    ['a GIF', bytes('GIF89a\u0001\u0000'), 'This is a picture'],
    ['a gzip', Buffer.from('1f8b0800aabb', 'hex'), 'This is a packed file'],
    ['a program', Buffer.from('4d5affee90ddcc0003aabb', 'hex'), 'This is not a text file.'],
    ['nothing', Buffer.alloc(0), 'This file is empty'],
    ['empty lines', bytes('\n\n , \n'), 'This file is empty'],
    ['only a header', bytes('email,description\n'), 'a header and no people'],
    ['another header', bytes('mail,name\na@b.example,x\n'), 'I found no column email, only mail, name.'],
    ['no header', bytes('a@b.example,x\n'), 'I found no column email'],
    ['a column twice', bytes('email,Email\na@b.example,x\n'), 'The column email is there twice'],
    ['more than 5 MB', Buffer.alloc(5 * 1024 * 1024 + 1, 'a'), 'larger than 5 MB'],
    ['more lines than anybody needs', bytes(`email\n${'x\n'.repeat(20_001)}`), 'more than 20,000 lines'],
  ])('of %s is refused with a sentence that says so', async (_, file, sentence) => {
    expect(await refusal(file)).toContain(sentence)
  })

  it('of exactly 5 MB is read, also when one cell fills it', async () => {
    const head = 'email,description\na@b.example,one\nb@c.example,"'
    const text = `${head}${'x'.repeat(5 * 1024 * 1024 - head.length - 1)}"`
    expect(await wrong(text)).toEqual([[3, 'description_too_long']])
    const { faults } = await read(text)
    expect(faults[0]?.cells.description).toHaveLength(2_000)
    expect(await people(text)).toEqual([['a@b.example', 'one']])
  })

  it('with a million columns costs one line', async () => {
    const text = `email\na@b.example\n${','.repeat(1_000_000)}x\nc@d.example\n`
    expect(await wrong(text)).toEqual([[3, 'too_many_cells']])
    expect(await people(text)).toHaveLength(2)
  })

  it('names every wrong line by the line on which it begins, and reads the others', async () => {
    const text = [
      'email,description,groups', // 1
      'a@b.example,"one', // 2
      'two",', // 3
      'not an address,x,', // 4
      ',nobody,', // 5
      'A@B.example,again,', // 6
      `${'x'.repeat(250)}@b.example,long,`, // 7
      `b@b.example,${'d'.repeat(513)},`, // 8
      `c@b.example,x,${'g'.repeat(513)}`, // 9
      'd@b.example,x,ALL local users', // 10
      'e@b.example,x,,surplus', // 11
      'f@b.example,"bad"quote,', // 12
      'g@b.example,fine,', // 13
      'h@b.example,say "hello",', // 14
      'i@b.example,n\u0000ul,', // 15
      'j@b.example,"never closed,', // 16
      'k@b.example,fine,', // 17
    ].join('\n')
    expect(await wrong(text)).toEqual([
      [4, 'email_not_an_address'],
      [5, 'email_missing'],
      [6, 'twice_in_file'],
      [7, 'email_too_long'],
      [8, 'description_too_long'],
      [9, 'group_name_too_long'],
      [10, 'group_name_taken_by_all'],
      [11, 'too_many_cells'],
      [12, 'not_readable'],
      [14, 'not_readable'],
      [16, 'not_readable'],
    ])
    const { rows, faults } = await read(text)
    expect(rows.map((row) => [row.line, row.email, row.description])).toEqual([
      [2, 'a@b.example', 'one two'],
      [13, 'g@b.example', 'fine'],
      [15, 'i@b.example', 'n ul'],
      [17, 'k@b.example', 'fine'],
    ])
    expect(faults.find((one) => one.line === 6)?.fault).toEqual({ kind: 'twice_in_file', line: 2 })
    expect(faults.find((one) => one.line === 12)?.cells.email).toBe('f@b.example,"bad"quote,')
  })

  it('keeps counting lines after quotation marks that make no sense', async () => {
    const text = 'email,description\r\na@b.example,"x"y\r\nnone\r\n"b@b.example","two\r\nlines"\r\nnone\r\n'
    expect(await wrong(text)).toEqual([
      [2, 'not_readable'],
      [3, 'email_not_an_address'],
      [6, 'email_not_an_address'],
    ])
  })

  it('names columns that mean nothing here, and not those of our own exports', async () => {
    const { unknownColumns } = await read('email,Enabled,line,reason,state,enrollment,\na@b.example,,,,,,\n')
    expect(unknownColumns).toEqual(['Enabled'])
  })

  it('may have thousands of lines that can’t be read', async () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => `a${i}@b.example,"x"y`)
    expect(await wrong(`email,description\n${lines.join('\n')}`)).toHaveLength(3_000)
  })
})

describe('A cell that is exported', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', "'=1", "''-1"])(
    '%j is no formula and comes back as it was',
    async (cell) => {
      const line = csvLine([cell])
      expect(line).not.toMatch(/^"?[=+\-@\t\r]/)
      const records = await recordsOf(line)
      expect(records.map((record) => readCell(record.cells?.[0] ?? ''))).toEqual([cell])
    },
  )

  it('comes back as it was, whatever it holds', async () => {
    const cells = fc.array(fc.string({ unit: 'grapheme-composite' }), { minLength: 2, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 5 }), async (lines) => {
        const text = `h,h\r\n${lines.map(csvLine).join('')}`
        const records = await recordsOf(text)
        expect(records.slice(1).map((record) => record.cells?.map(readCell))).toEqual(lines)
      }),
    )
  })

  it('of group names comes back as these names', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '|', '\\', ' ', ',') }).map((text) => text.trim())
    fc.assert(
      fc.property(fc.array(name.filter((text) => text !== '')), (names) => {
        expect(readGroupsCell(groupsCell(names))).toEqual(names)
      }),
    )
    expect(readGroupsCell(String.raw`CORP\vpn| build |`)).toEqual([String.raw`CORP\vpn`, 'build'])
  })
})
