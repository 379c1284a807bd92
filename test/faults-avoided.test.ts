import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync('docs/faults-avoided.md', 'utf8')
const sections = page.split(/^## /m).slice(1)
const named = [...page.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, file = '', name = '']) => ({ file, name }))

/** Whether the file names a test so, or a list of tests. */
function holds({ file, name }: { readonly file: string; readonly name: string }): boolean {
  if (!existsSync(file)) return false
  const source = readFileSync(file, 'utf8')
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((literal) => source.includes(literal))
}

test('docs/faults-avoided.md names for each fault tests that are there', () => {
  expect(sections.length).toBeGreaterThan(20)
  expect(
    sections.filter((section) => !/^- `/m.test(section)).map((section) => section.split('\n')[0]),
  ).toEqual([])
  expect(named.filter((one) => !holds(one)).map(({ file, name }) => `${file}: ${name}`)).toEqual([])
})

test('docs/faults-avoided.md has no line that is no test', () => {
  const items = page.match(/^- .*$/gm) ?? []
  expect(items).toHaveLength(named.length)
})
