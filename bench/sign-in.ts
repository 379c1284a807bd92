import { insertSession, keepPassword } from '#db/queries/local-users-sign-in.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import type { Store } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { hashPassword, isPassword } from '#src/local-users/password.ts'
import { type Secret, secret } from '#src/secrets.ts'
import { createSignIn, type SignIn } from '#src/sign-in/sign-in.ts'
import { localUserRow } from '#test/helpers/local-rows.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { startEngines } from './databases.ts'
import type { Figure, Rounds, Row } from './figure.ts'
import { median, percentile } from './numbers.ts'

const right = secret('violet tractor under ice')
const wrong = secret('violet tractor under water')
const rounds = 5
const tries = 120
const dayMs = 25 * 60 * 60 * 1000

type Sides = { readonly [side in 'few' | 'many' | 'argon' | 'known' | 'unknown']: number[] }

/** Sign-in beside argon2 alone, wrong passwords of known addresses beside unknown ones. */
export const signIn: Figure = {
  name: 'sign-in',
  about: `${rounds} × ${tries} sign-ins beside argon2 alone; wrong passwords of known addresses beside unknown ones`,
  async run(tell) {
    await using small = await startEngines()
    await using large = await startEngines()
    const rows: Row[] = []
    for (const [index, { name, store }] of small.engines.entries()) {
      const big = large.engines[index]?.store ?? store
      const hash = await hashPassword(right)
      await fill(store, 10, hash)
      await fill(big, 10_000, hash)
      tell(`${name}: people added`)
      const { few, many, argon, known, unknown } = await compare({ few: store, many: big }, hash)
      const most = (factor: number) => ({ kind: 'factor', most: factor }) as const
      const row = (what: string, ours: Rounds, theirs: Rounds, factor: number): Row => {
        return { what: `${what}, ${name}`, unit: 'ms', ours, theirs, bound: most(factor) }
      }
      rows.push(
        row('sign-in p99 beside argon2', few, argon, 1.3),
        row('the same, 30,000 sessions', many, argon, 1.3),
        row('sign-in p99, 30,000 sessions beside 30', many, few, 1.5),
        row('wrong password, known beside unknown', known, unknown, 1.05),
        row('wrong password, unknown beside known', unknown, known, 1.05),
      )
    }
    return rows
  },
}

const emailOf = (n: number) => `p${n}@corp.example`

/** Enrolled people, all with one password, and three sessions each. */
async function fill(store: Store, to: number, hash: string): Promise<void> {
  const now = createMovedClock().now()
  for (let n = 0; n < to; n += 500) {
    const numbers = Array.from({ length: Math.min(500, to - n) }, (_, i) => n + i)
    await store.write(async (ctx) => {
      const people = numbers.map((i) => localUserRow(newId(), { email: emailOf(i), enrolledAt: now }))
      await insertLocalUsers(ctx, people)
      for (const { id: userId } of people) {
        await keepPassword(ctx, { userId, hash, changedAt: now })
        for (let k = 0; k < 3; k += 1)
          await insertSession(ctx, { id: newId(), userId, kind: 'page', createdAt: now, expiresAt: now })
      }
    })
  }
}

/** Everything in turns, so that whatever else the machine does meets all sides alike. */
async function compare(stores: { readonly few: Store; readonly many: Store }, hash: string): Promise<Sides> {
  const clock = createMovedClock()
  const serviceOf = (store: Store) => createSignIn({ store, clock, secrets: [secret('w'.repeat(32))] })
  const [few, many] = [serviceOf(stores.few), serviceOf(stores.many)]
  const attempt = async (service: SignIn, email: string, password: Secret) => {
    // No try waits for the one before.
    clock.move(dayMs)
    const one = { email, password, source: '192.0.2.1', label: 'bench' }
    const said = await service.withPassword(one).catch((error: unknown) => error)
    if (said instanceof UserError && said.code === 'too_many') throw said
  }
  const sides: Sides = { few: [], many: [], argon: [], known: [], unknown: [] }
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const times: Sides = { few: [], many: [], argon: [], known: [], unknown: [] }
    for (let n = 0; n < tries; n += 1) {
      const works = [
        ['argon', () => isPassword(hash, right)],
        ['few', () => attempt(few, emailOf(n % 10), right)],
        ['many', () => attempt(many, emailOf((n * 97) % 10_000), right)],
        ['known', () => attempt(many, emailOf((n * 89) % 10_000), wrong)],
        ['unknown', () => attempt(many, `x${emailOf((n * 89) % 10_000)}`, wrong)],
      ] as const
      for (const [side, work] of n % 2 === 0 ? works : works.toReversed()) times[side].push(await timed(work))
    }
    if (round === 0) continue
    for (const side of ['few', 'many', 'argon'] as const) sides[side].push(percentile(times[side], 99))
    for (const side of ['known', 'unknown'] as const) sides[side].push(median(times[side]))
  }
  return sides
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}
