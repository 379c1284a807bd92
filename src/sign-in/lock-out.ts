import { createHash } from 'node:crypto'
import { type AttemptsRow, attemptsUnder, forgetAttempts, keepAttempts } from '#db/queries/sign-in.ts'
import type { ReadContext, WriteContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import type { LimitName } from '#src/limits.ts'
import { networkOf, sourceOf } from '#src/sign-in/source.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/**
 * How tries are slowed, by what they are counted under. `free` tries cost nothing; each further one has to wait twice as
 * long as the one before, up to `longestMs`; after `forgetMs` without any the count begins anew. Nothing is locked for
 * good: whoever waits may try again, and a link by mail leads past it.
 */
const rules = {
  /** Passwords for one address, from browsers in which its person never signed in. */
  address: { free: 5, firstMs: 15 * secondMs, longestMs: 15 * minuteMs, forgetMs: 24 * hourMs },
  /** Passwords from a browser in which the person signed in before: strangers' tries do not count here. */
  browser: { free: 10, firstMs: 15 * secondMs, longestMs: 15 * minuteMs, forgetMs: 24 * hourMs },
  /** Passwords from one source for any address. Many people may share one. */
  source: { free: 50, firstMs: 15 * secondMs, longestMs: 15 * minuteMs, forgetMs: hourMs },
  /** The same from a whole IPv6 network, in which sources cost nothing. */
  network: { free: 500, firstMs: 15 * secondMs, longestMs: 15 * minuteMs, forgetMs: hourMs },
  /** Passwords typed by somebody who is signed in already, to change something: whoever finds a browser open. */
  own: { free: 5, firstMs: 15 * secondMs, longestMs: 15 * minuteMs, forgetMs: 24 * hourMs },
  /** What is asked about second factors in one sign-in: passkeys, apps that are set up, new recovery codes. */
  question: { free: 60, firstMs: 15 * secondMs, longestMs: 15 * minuteMs, forgetMs: hourMs },
  /** Links asked for one address. */
  link: { free: 3, firstMs: 5 * minuteMs, longestMs: hourMs, forgetMs: 24 * hourMs },
  /** Links asked from one source. */
  link_source: { free: 20, firstMs: minuteMs, longestMs: 15 * minuteMs, forgetMs: hourMs },
  /** The same from a whole IPv6 network. */
  link_network: { free: 200, firstMs: minuteMs, longestMs: 15 * minuteMs, forgetMs: hourMs },
  /** Secrets shown for one OpenID client from one source. */
  client: { free: 10, firstMs: 15 * secondMs, longestMs: 15 * minuteMs, forgetMs: 24 * hourMs },
  /** Not slowed: keeps that an OpenID client proved its secret from one source. */
  client_proof: { free: Number.MAX_SAFE_INTEGER, firstMs: 0, longestMs: 0, forgetMs: 48 * hourMs },
} as const
export type CountedBy = keyof typeof rules

/** Under what a try is counted. */
export interface Counter {
  readonly by: CountedBy
  /** An address as it is compared, a browser's id, or where a request comes from. */
  readonly what: string
}

/** Whether a try may be made; `tries` counts it too. */
export type Turn =
  | { readonly kind: 'go'; readonly tries: number }
  | { readonly kind: 'wait'; readonly by: CountedBy; readonly ms: number }

/** How long the next try has to wait after so many. Pure. */
export function waitMs(by: CountedBy, tries: number): number {
  const { free, firstMs, longestMs } = rules[by]
  return tries < free ? 0 : Math.min(longestMs, firstMs * 2 ** Math.min(30, tries - free))
}

/**
 * Counts a try before it is made, so that many at once count as many, also on several replicas. Where it has to wait
 * nothing is counted: nobody makes the wait longer by knocking. `tries` is that of the first counter.
 */
export async function takeTurn(ctx: WriteContext, now: Date, counters: readonly Counter[]): Promise<Turn> {
  const rows = new Map((await attemptsUnder(ctx, counters.map(keyOf))).map((row) => [row.key, row]))
  const found = counters.map((counter) => ({
    counter,
    tries: triesOf(counter, rows.get(keyOf(counter)), now),
  }))
  const waits = found.map(({ counter, tries }) => {
    const lastAt = rows.get(keyOf(counter))?.lastAt ?? now
    return { by: counter.by, ms: lastAt.getTime() + waitMs(counter.by, tries) - now.getTime(), tries }
  })
  const longest = waits.filter(({ tries, ms }) => tries > 0 && ms > 0).toSorted((a, b) => b.ms - a.ms)[0]
  if (longest !== undefined) return { kind: 'wait', by: longest.by, ms: longest.ms }
  for (const { counter, tries } of found)
    await keepAttempts(ctx, { key: keyOf(counter), tries: tries + 1, lastAt: now })
  return { kind: 'go', tries: (found[0]?.tries ?? 0) + 1 }
}

/** Under what tries are counted by whence they come: the source, and where that is one of very many its network too. */
export function whence(address: string, by: 'password' | 'link'): readonly Counter[] {
  const source = sourceOf(address)
  const network = networkOf(address)
  const isPassword = by === 'password'
  return [
    { by: isPassword ? 'source' : 'link_source', what: source },
    ...(network === source ? [] : [{ by: isPassword ? 'network' : 'link_network', what: network } as const]),
  ]
}

/** When something was counted under this last; undefined when nothing was, or it is forgotten. */
export async function lastCountedAt(
  ctx: ReadContext,
  now: Date,
  counter: Counter,
): Promise<Date | undefined> {
  const [row] = await attemptsUnder(ctx, [keyOf(counter)])
  return triesOf(counter, row, now) === 0 ? undefined : row?.lastAt
}

/** What a try that was right takes back: the counts of its address and browser, and its own place in its source's. */
export async function giveTurnBack(ctx: WriteContext, counters: readonly Counter[]): Promise<void> {
  const isShared = ({ by }: Counter) => by === 'source' || by === 'network'
  await forgetAttempts(ctx, counters.filter((one) => !isShared(one)).map(keyOf))
  for (const row of await attemptsUnder(ctx, counters.filter(isShared).map(keyOf)))
    await keepAttempts(ctx, { ...row, tries: Math.max(0, row.tries - 1) })
}

/** Under which name a refusal is counted. */
export const limitOf = {
  address: 'password_by_address',
  browser: 'password_by_browser',
  source: 'password_by_source',
  network: 'password_by_network',
  own: 'current_password',
  question: 'factor_question',
  link: 'link_by_address',
  link_source: 'link_by_source',
  link_network: 'link_by_network',
  client: 'client_secret',
  client_proof: 'client_secret',
} as const satisfies Readonly<Record<CountedBy, LimitName>>

/** The refusal of a try that has to wait: the same whether anybody has the address or not. */
export function hasToWait({ ms }: { readonly ms: number }): UserError {
  const minutes = Math.ceil(ms / minuteMs)
  const seconds = Math.ceil(ms / secondMs)
  const time = ms <= minuteMs ? plural(seconds, 'second') : plural(minutes, 'minute')
  return new UserError('too_many', `There were too many tries. Wait ${time}, then try again.`, undefined, ms)
}

function plural(count: number, unit: string): string {
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`
}

function triesOf({ by }: Counter, row: AttemptsRow | undefined, now: Date): number {
  if (row === undefined) return 0
  return now.getTime() - row.lastAt.getTime() >= rules[by].forgetMs ? 0 : row.tries
}

function keyOf({ by, what }: Counter): string {
  return `${by}:${createHash('sha256').update(what).digest('base64url')}`
}
