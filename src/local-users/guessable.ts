import { commonWords } from '#src/local-users/common-words.ts'
import { inRuns } from '#src/local-users/keyboard-walks.ts'

// What is typed in place of letters. The figure one stands for two of them.
const instead: Readonly<Record<string, string>> = {
  ...{ '@': 'a', '4': 'a', '8': 'b', '(': 'c', '3': 'e', '€': 'e', '6': 'g', '9': 'g', '!': 'i', '|': 'l' },
  ...{ '0': 'o', '5': 's', $: 's', '7': 't', '+': 't', '2': 'z' },
}

const shortestOnce = 9
const long = 8
// Of one word of the list, of two, of three; four are enough by themselves.
const worth = [0, 0, 2, 5]

/** So much makes a password that will do. */
export const enough = 6

/** A text in which words are looked for, and where in the password each of its characters stands. */
interface View {
  readonly text: string
  readonly at: readonly number[]
}

/**
 * How much somebody has to guess who knows the person's address and tries first what everybody tries first: how many
 * different characters are left without words of the list (also with figures for letters), parts of the address, years,
 * runs and keyboard walks. Further words of the list count for some, so that four words are always enough. Pure.
 */
export function guessesLeft(password: string, email: string): number {
  const characters = Array.from(password.toLowerCase())
  // What is said twice is guessed once.
  const once = characters.join('').replaceAll(/(.{3,}?)\1+/gu, '$1')
  if (Array.from(once).length < shortestOnce) return 0
  const views = viewsOf(characters)
  const covered = new Set([...inRuns(characters), ...yearsIn(characters.join(''))])
  for (const part of partsOf(email)) for (const at of places(views, part)) covered.add(at)
  const inWords = new Set<number>()
  let words = 0
  for (const word of byLength) {
    const found = places(views, word).filter((at) => !inWords.has(at))
    if (found.length > 0) words += 1
    for (const at of found) inWords.add(at)
  }
  const left = characters.filter((_, at) => !covered.has(at) && !inWords.has(at))
  return new Set(left).size + (left.length < long ? 0 : 1) + (worth[words] ?? enough)
}

const byLength = commonWords.toSorted((one, other) => other.length - one.length)

function partsOf(email: string): readonly string[] {
  return email
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part.length > 2)
}

/** The password as it stands, and as words read in it: without what stands between, figures as letters. */
function viewsOf(characters: readonly string[]): readonly View[] {
  const readings = [(one: string) => one, ...['i', 'l'].map((l) => (one: string) => asLetter(one, l))]
  return readings.map((reading) => {
    const kept = characters
      .map((one, at) => ({ one: reading(one), at }))
      .filter(({ one }) => /[\p{L}\p{N}]/u.test(one))
    // One unit of text for each place: what takes two is in no word of ours.
    return {
      text: kept.map(({ one }) => (one.length === 1 ? one : ' ')).join(''),
      at: kept.map(({ at }) => at),
    }
  })
}

function asLetter(character: string, figureOne: string): string {
  return character === '1' ? figureOne : (instead[character] ?? character)
}

function places(views: readonly View[], word: string): readonly number[] {
  return views.flatMap(({ text, at }) => {
    const found: number[] = []
    for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + word.length))
      found.push(...at.slice(from, from + word.length))
    return found
  })
}

function yearsIn(text: string): readonly number[] {
  return Array.from(text.matchAll(/(?:19|20)\d\d/g), ({ index }) =>
    [0, 1, 2, 3].map((on) => index + on),
  ).flat()
}
