import { insertSession, keepPassword } from '#db/queries/local-users-sign-in.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import type { Store } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import { newId } from '#src/ids.ts'
import { hashPassword, isPassword } from '#src/local-users/password.ts'
import { secret } from '#src/secrets.ts'
import { createSignIn } from '#src/sign-in/sign-in.ts'
import { localUserRow } from '#test/helpers/local-rows.ts'
import { createMovedClock, type MovedClock } from '#test/helpers/moved-clock.ts'
import { startEngines } from './databases.ts'
import type { Figure, Row } from './figure.ts'
import { median, percentile } from './numbers.ts'

const right = secret('violet tractor under ice')
const wrong = secret('violet tractor under water')
const rounds = 3
const tries = 100
const dayMs = 25 * 60 * 60 * 1000

type Sides = { readonly ours: number[]; readonly theirs: number[] }

/** Sign-in beside argon2 alone, wrong passwords of known addresses beside unknown ones. */
export const signIn: Figure = {
  name: 'sign-in',
  about: `${rounds} × ${tries} sign-ins beside argon2 alone; wrong passwords of known addresses beside unknown ones`,
  async run(tell) {
    await using databases = await startEngines()
    const rows: Row[] = []
    for (const { name, store } of databases.engines) {
      const hash = await hashPassword(right)
      await fill(store, 0, 10, hash)
      const clock = createMovedClock()
      const few = await compare(store, clock, hash, 10)
      tell(`${name}: 10 users measured`)
      await fill(store, 10, 10_000, hash)
      const many = await compare(store, clock, hash, 10_000)
      tell(`${name}: 10,000 users measured`)
      const most = (factor: number) => ({ kind: 'factor', most: factor }) as const
      const unit = 'ms'
      const grown = { ours: many.signIn.ours, theirs: few.signIn.ours }
      const turned = { ours: many.address.theirs, theirs: many.address.ours }
      rows.push(
        { what: `sign-in p99 beside argon2, ${name}`, unit, ...few.signIn, bound: most(1.3) },
        { what: `the same, 30,000 sessions, ${name}`, unit, ...many.signIn, bound: most(1.3) },
        { what: `sign-in p99, 30,000 sessions beside 30, ${name}`, unit, ...grown, bound: most(1.5) },
        { what: `wrong password, known beside unknown, ${name}`, unit, ...many.address, bound: most(1.05) },
        { what: `wrong password, unknown beside known, ${name}`, unit, ...turned, bound: most(1.05) },
      )
    }
    return rows
  },
}

const emailOf = (n: number) => `p${n}@corp.example`

/** Enrolled people, all with one password, and three sessions each. */
async function fill(store: Store, from: number, to: number, hash: string): Promise<void> {
  const now = createMovedClock().now()
  for (let n = from; n < to; n += 500) {
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

async function compare(
  store: Store,
  clock: MovedClock,
  hash: string,
  people: number,
): Promise<{ readonly signIn: Sides; readonly address: Sides }> {
  const service = createSignIn({ store, clock, secrets: [secret('w'.repeat(32))] })
  const attempt = async (email: string, password: typeof right) => {
    // No try waits for the one before.
    clock.move(dayMs)
    const one = { email, password, source: '192.0.2.1', label: 'bench' }
    const said = await service.withPassword(one).catch((error: unknown) => error)
    if (said instanceof UserError && said.code === 'too_many') throw said
  }
  const signedIn: Sides = { ours: [], theirs: [] }
  const address: Sides = { ours: [], theirs: [] }
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const times = { signIn: [0], argon: [0], known: [0], unknown: [0] }
    for (let n = 0; n < tries; n += 1) {
      const email = emailOf((n * 97) % people)
      times.argon[n] = await timed(() => isPassword(hash, right))
      times.signIn[n] = await timed(() => attempt(email, right))
      times.known[n] = await timed(() => attempt(email, wrong))
      times.unknown[n] = await timed(() => attempt(`x${email}`, wrong))
    }
    if (round === 0) continue
    signedIn.ours.push(percentile(times.signIn, 99))
    signedIn.theirs.push(percentile(times.argon, 99))
    address.ours.push(median(times.known))
    address.theirs.push(median(times.unknown))
  }
  return { signIn: signedIn, address }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}
