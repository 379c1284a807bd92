const cells = 20

/** A bar with its percentage: "▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░ 71 %". Full only when everything is done. Pure. */
export function bar(done: number, total: number): string {
  const part = total === 0 ? 1 : done / total
  const filled = Math.floor(part * cells)
  return `${'▓'.repeat(filled)}${'░'.repeat(cells - filled)} ${Math.floor(part * 100)} %`
}

/** A number with its thousands set apart: "9,812". */
export function thousands(count: number): string {
  return new Intl.NumberFormat('en').format(count)
}

/** How fast it goes and how long it will take: " · 3.4 a second · 12 s left"; empty while nothing is known. Pure. */
export function pace(done: number, total: number, ms: number): string {
  if (done === 0 || ms <= 0 || done >= total) return ''
  const perSecond = done / (ms / 1_000)
  const leftSeconds = Math.ceil((total - done) / perSecond)
  const speed = perSecond >= 10 ? thousands(Math.round(perSecond)) : perSecond.toFixed(1)
  const left = leftSeconds < 90 ? `${leftSeconds} s left` : `${Math.ceil(leftSeconds / 60)} min left`
  return ` · ${speed} a second · ${left}`
}
