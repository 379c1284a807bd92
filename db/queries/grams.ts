import { eq, inArray, sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import type { ReadContext, WriteContext } from '#db/store.ts'

type GramTable = ReadContext['t']['localUserGrams']
type Text = { readonly seq: number; readonly text: string }

const letters = '0123456789abcdefghijklmnopqrstuvwxyz'
const plain = Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code)
  return letters.includes(letter) ? letter : letterFor(code)
})

/** What is neither a small letter of English nor a digit shares theirs: finding too much is put right by the text itself. */
function letterFor(code: number): string {
  return letters.charAt(code % letters.length)
}

function lettersOf(text: string): string {
  let all = ''
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    all += plain[code] ?? letterFor(code)
  }
  return all
}

function gramsOf(text: string): string {
  // Each letter begins a gram, also the last two, so that one or two letters are found as the beginning of one.
  const all = `${lettersOf(text)}00`
  const grams = new Set<string>()
  for (let i = 0; i + 2 < all.length; i += 1) grams.add(all.slice(i, i + 3))
  return [...grams].join(' ')
}

/** Keeps the grams of new texts. */
export async function keepGrams(ctx: WriteContext, table: GramTable, texts: readonly Text[]): Promise<void> {
  if (texts.length === 0) return
  await ctx.q.insert(table).values(texts.map(({ seq, text }) => ({ seq, words: gramsOf(text) })))
}

/** Keeps the grams of texts that are others now. */
export async function changeGrams(
  ctx: WriteContext,
  table: GramTable,
  texts: readonly Text[],
): Promise<void> {
  for (const { seq, text } of texts)
    await ctx.q
      .update(table)
      .set({ words: gramsOf(text) })
      .where(eq(table.seq, seq))
}

/** Takes the grams of texts away that are gone. */
export async function dropGrams(
  ctx: WriteContext,
  table: GramTable,
  texts: readonly Pick<Text, 'seq'>[],
): Promise<void> {
  if (texts.length === 0) return
  await ctx.q.delete(table).where(
    inArray(
      table.seq,
      texts.map(({ seq }) => seq),
    ),
  )
}

/**
 * The condition for rows whose texts may hold this part, which must not be empty: all that do, and few others, so the texts
 * are looked at as well.
 */
export function mayHold(ctx: ReadContext, table: GramTable, part: string): SQL {
  const all = lettersOf(part)
  const isShort = all.length < 3
  const grams = isShort ? [all] : [...new Set(coverOf(all))]
  if (ctx.dialect === 'sqlite') {
    const words = grams.map((gram) => `"${gram}"${isShort ? '*' : ''}`).join(' AND ')
    return sql`${table} match ${words}`
  }
  const words = grams.map((gram) => `${gram}${isShort ? ':*' : ''}`).join(' & ')
  return sql`${table.words} @@ ${words}::tsquery`
}

/** Three grams at most, spread over the part: each more costs more than the rows that it spares. */
function coverOf(all: string): readonly string[] {
  const last = all.length - 3
  return [0, Math.floor(last / 2), last].map((from) => all.slice(from, from + 3))
}

/** The condition for texts that hold this part as it is written. */
export function holds({ dialect }: ReadContext, text: SQLWrapper, part: string): SQL {
  return dialect === 'sqlite' ? sql`instr(${text}, ${part}) > 0` : sql`strpos(${text}, ${part}) > 0`
}
