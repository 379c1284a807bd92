import { describe, expect, test } from 'vitest'
import {
  longestPaste,
  mostPeople,
  namesSeveral,
  readPastedPeople,
  readPeopleFile,
} from '#src/tasks/people/read-people.ts'

const names = (all: readonly { line: number; text: string; leftOut: unknown }[]) =>
  all.filter((one) => one.leftOut === undefined).map(({ line, text }) => `${line} ${text}`)

const fileOf = (text: string) => readPeopleFile(new TextEncoder().encode(text))

describe('pasted people', () => {
  test.each([
    ['one to a line', 'a@x.example\r\n\nb@x.example ', ['1 a@x.example', '3 b@x.example']],
    [
      'commas, semicolons, tabs',
      'a@x.example, b@x.example;anguyen\tCORP\\bob',
      ['1 a@x.example', '1 b@x.example', '1 anguyen', '1 CORP\\bob'],
    ],
    [
      'what mail programs copy',
      'Nguyen, Alice <a@x.example>, Bob <b@x.example>; c@x.example',
      ['1 a@x.example', '1 b@x.example', '1 c@x.example'],
    ],
    [
      'distinguished names, whose commas separate nobody',
      'uid=a,ou=people,dc=x\nb',
      ['1 uid=a,ou=people,dc=x', '2 b'],
    ],
    ['commas at the ends', ',a@x.example,,', ['1 a@x.example']],
  ])('are read: %s', (_, text, expected) => {
    expect(names(readPastedPeople(text))).toEqual(expected)
  })

  test('a name that stands there twice counts once, whatever its letters', () => {
    const read = readPastedPeople('Alice@x.example\nbob\nalice@X.example\nBOB')
    expect(read.map((one) => one.leftOut)).toEqual([
      undefined,
      undefined,
      { kind: 'same_as', line: 1 },
      { kind: 'same_as', line: 2 },
    ])
  })

  test('a piece with two addresses is listed rather than half of it dropped', () => {
    const read = readPastedPeople('b@x.example, Alice <a@x.example>')
    expect(read).toHaveLength(1)
    expect(read[0]?.text).toContain('b@x.example')
    expect(read[0]?.text).toContain('a@x.example')
  })

  test('what nobody is called is listed with its line', () => {
    const read = readPastedPeople(`ok\n${'x'.repeat(600)}\nbell\u0007`)
    expect(read.map(({ line, leftOut }) => [line, leftOut?.kind])).toEqual([
      [1, undefined],
      [2, 'unreadable'],
      [3, 'unreadable'],
    ])
    expect(read[2]?.text).toBe('bell')
  })

  test('nobody, and more than 500, are refused under the field', () => {
    expect(() => readPastedPeople(' ,;\n')).toThrow(expect.objectContaining({ field: 'people' }))
    const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`).join('\n')
    expect(readPastedPeople(many(mostPeople))).toHaveLength(500)
    expect(() => readPastedPeople(many(mostPeople + 1))).toThrow(/501 people/)
    expect(longestPaste).toBe(3_000)
  })
})

describe('a file of people', () => {
  test.each([
    [
      'a column called email',
      'Name,E-Mail\nAlice,a@x.example\nBob,b@x.example\n',
      ['2 a@x.example', '3 b@x.example'],
    ],
    [
      'a BOM, semicolons, quotes and CRLF',
      '\uFEFF"login";"why"\r\n"anguyen";"said ""no"";\r\nleft"\r\nbob;x\r\n',
      ['2 anguyen', '4 bob'],
    ],
    [
      'e-mail first, login where there is none',
      'login,email\nanguyen,a@x.example\nbob,\n',
      ['2 a@x.example', '3 bob'],
    ],
    ['User Principal Name', 'User Principal Name\na@x.example', ['2 a@x.example']],
    ['no header, addresses only', 'a@x.example\nb@x.example', ['1 a@x.example', '2 b@x.example']],
    ['our own results, made safe for spreadsheets', "person\n'-odd\n", ['2 -odd']],
  ])('is read: %s', async (_, text, expected) => {
    expect(names(await fileOf(text))).toEqual(expected)
  })

  test('a line without a name is listed, and stops nobody else', async () => {
    const read = await fileOf('email,why\n,forgotten\nb@x.example,\n')
    expect(read).toEqual([
      { line: 2, text: ', forgotten', leftOut: { kind: 'unreadable' } },
      { line: 3, text: 'b@x.example', leftOut: undefined },
    ])
  })

  test.each([
    ['names no column that is known', 'Vorname,Abteilung\nAlice,Finance'],
    ['has nobody', 'email\n'],
    ['is empty', ''],
    ['is a workbook', 'PK\u0003\u0004rest'],
  ])('is refused under its field when it %s', async (_, text) => {
    await expect(fileOf(text)).rejects.toMatchObject({ code: 'not_understood', field: 'file' })
  })
})

test.each([
  ['a@x.example, b@x.example', true],
  ['a@x.example;b@x.example why', true],
  ['a@x.example Token theft, see b@x.example', false],
  ['uid=a@b,ou=c@d,dc=e', false],
  ['a@x.example', false],
])('%s names several: %s', (text, expected) => {
  expect(namesSeveral(text)).toBe(expected)
})
