import type { Judged, Rounds } from './figure.ts'

/** The figures as a table for a README. */
export function table(judged: readonly Judged[]): string {
  const head = ['figure', 'Drawbridge', 'bare', 'ratio', 'bound', 'kept', 'rounds from–to']
  const rows = judged.map((one) => {
    const { row } = one
    const number = (value: number) => `${round(value)} ${row.unit}`
    const rounds = (all: Rounds) => `${round(Math.min(...all))}–${round(Math.max(...all))}`
    const kept = row.bound === undefined ? 'for information' : one.holds ? 'yes' : '**no**'
    return [
      row.what,
      number(one.ours),
      number(one.theirs),
      one.ratio.toFixed(2),
      boundText(one),
      kept,
      `${row.ours.length}: ${rounds(row.ours)}; ${rounds(row.theirs)}`,
    ]
  })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function boundText({ row: { bound, unit }, theirs }: Judged): string {
  if (bound === undefined) return '–'
  const limit = bound.kind === 'factor' ? theirs * bound.most : theirs + bound.most
  const words = bound.kind === 'factor' ? `${bound.most} × bare` : `bare + ${bound.most} ${unit}`
  return `${words} = ${round(limit)} ${unit}`
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2)
}
