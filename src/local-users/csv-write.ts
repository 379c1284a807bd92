/**
 * One line of a CSV file that spreadsheets open without calculating: a cell that begins with `=`, `+`, `-`, `@`, a tab or
 * a carriage return gets an apostrophe, which `readCell` takes away again.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(safe(cell))).join(',')}\r\n`
}

const formula = /^'*[=+\-@\t\r]/

function safe(cell: string): string {
  return formula.test(cell) ? `'${cell}` : cell
}

function quoted(cell: string): string {
  return /[",;\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** A cell as it was before it was made safe. */
export function readCell(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell
}

/** Names of groups as one cell: separated by `|`; a `|` or a backslash of their own has a backslash before it. */
export function groupsCell(names: readonly string[]): string {
  return names.map((name) => name.replaceAll(/[\\|]/g, String.raw`\$&`)).join('|')
}

/** The names that stand in such a cell; empty ones are left out. */
export function readGroupsCell(cell: string): readonly string[] {
  const parts = cell.match(/(?:\\[\\|]|[^|])+/g) ?? []
  return parts.map((part) => part.replaceAll(/\\([\\|])/g, '$1').trim()).filter((name) => name !== '')
}
