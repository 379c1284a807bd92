/** Where a key is. */
interface Key {
  readonly row: number
  readonly column: number
}

// From the top; what stands behind a bar is the same row with the shift key.
const layouts = [
  ['1234567890-=|!@#$%^&*()_+', 'qwertyuiop[]', "asdfghjkl;'", 'zxcvbnm,./'],
  ['1234567890ß´|!"§$%&/()=?', 'qwertzuiopü+', 'asdfghjklöä#', 'yxcvbnm,.-'],
  ['&é"\'(-è_çà|1234567890', 'azertyuiop', 'qsdfghjklmù', 'wxcvbn,;:!'],
  ['789', '456', '123', '0'],
].map(keysOf)

function keysOf(rows: readonly string[]): ReadonlyMap<string, Key> {
  const sides = rows.flatMap((row, index) => row.split('|').map((side) => ({ side, row: index })))
  return new Map(sides.flatMap(({ side, row }) => Array.from(side, (key, column) => [key, { row, column }])))
}

/** How one gets from a character to the next, undefined where no plain way leads there. */
type Way = (from: string, to: string) => string | undefined

const alphabet = 'abcdefghijklmnopqrstuvwxyz'

// Digits by any distance, letters one on or back, both round the end.
const counting: Way = (from, to) => {
  if (/^\d\d$/.test(from + to)) return from === to ? undefined : `by ${(Number(to) - Number(from) + 10) % 10}`
  const [start, end] = [alphabet.indexOf(from), alphabet.indexOf(to)]
  const distance = start < 0 || end < 0 ? 0 : (end - start + 26) % 26
  return distance === 1 || distance === 25 ? `letter ${distance}` : undefined
}

const ways: readonly Way[] = [
  counting,
  ...layouts.map((keys): Way => (from, to) => {
    const [start, end] = [keys.get(from), keys.get(to)]
    if (start === undefined || end === undefined) return undefined
    const [down, right] = [end.row - start.row, end.column - start.column]
    const isNext = Math.abs(down) <= 1 && Math.abs(right) <= 1 && (down !== 0 || right !== 0)
    return isNext ? `${down === 0 ? 'row' : 'across'} ${down} ${right}` : undefined
  }),
]

/**
 * Which of the characters (small letters) are runs that hands make by themselves: `abcdef`, `987654`, keys beside or below
 * each other in one line, and two such in turns, as in `q1w2e3`. Pure.
 */
export function inRuns(characters: readonly string[]): ReadonlySet<number> {
  const long = new Set<number>()
  const short = new Set<number>()
  for (const way of ways)
    for (const stride of [1, 2]) {
      const step = (at: number) => {
        const one = way(characters[at - stride] ?? '', characters[at] ?? '')
        return stride === 2 && one?.startsWith('across') ? undefined : one
      }
      for (let start = 0; start < characters.length; start += 1) {
        let end = start + stride
        while (end < characters.length && continues(step, end, start + 2 * stride, stride)) end += 1
        const isLong = end - start >= (stride === 2 ? 6 : 4)
        const isAcross = end - start === 3 && step(start + 1)?.startsWith('across')
        if (isLong || isAcross) for (let at = start; at < end; at += 1) (isLong ? long : short).add(at)
      }
    }
  // Three keys across are in words too; two such lines are not.
  const isIn = (at: number) => long.has(at) || short.has(at)
  for (let start = 0, end = 0; start < characters.length; start = end + 1) {
    for (end = start; isIn(end);) end += 1
    if (end - start >= 6) for (let at = start; at < end; at += 1) long.add(at)
  }
  return long
}

/** Whether the step to this place is a plain one, and the same as the one before it in the run. */
function continues(
  step: (at: number) => string | undefined,
  at: number,
  second: number,
  stride: number,
): boolean {
  const here = step(at)
  return here !== undefined && (at < second || here === step(at - stride))
}
