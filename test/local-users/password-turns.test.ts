import { describe, expect, it } from 'vitest'
import { UserError } from '#src/errors.ts'
import { createPasswordTurns, type Whose } from '#src/local-users/password-turns.ts'

const person = (key: string): Whose => ({ kind: 'person', key })
const source = (key: string): Whose => ({ kind: 'source', key })

/** Work that ends when it is told to. */
function stage() {
  const met: string[] = []
  const turns = createPasswordTurns((limit) => void met.push(limit))
  const begun: string[] = []
  const open: (() => void)[] = []
  const ended: string[] = []
  const send = (whose: Whose, times = 1, name = whose.key) =>
    Array.from({ length: times }, () =>
      turns
        .take(whose, async () => {
          begun.push(name)
          await new Promise<void>((resolve) => open.push(resolve))
        })
        .then(
          () => void ended.push(name),
          (error: unknown) =>
            void ended.push(`${name}: ${error instanceof UserError ? error.code : 'broken'}`),
        ),
    )
  /** Ends the work that began first, and lets what follows begin. */
  const endOne = async () => {
    open.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const endAll = async () => {
    await endOne()
    while (open.length > 0) await endOne()
  }
  return { turns, met, begun, ended, send, endOne, endAll }
}

describe('Work on passwords', () => {
  it('of one person who sends 200 at once keeps nobody waiting for more than what runs', async () => {
    const { send, begun, ended, met, endOne, endAll } = stage()
    const all = send(person('mallory'), 200)
    await endOne()
    expect(ended.filter((one) => one === 'mallory: too_many')).toHaveLength(184)
    expect(met).toEqual(Array.from({ length: 184 }, () => 'passwords_at_once_of_one'))
    const running = begun.length
    all.push(...send(person('bob')), ...send(source('192.0.2.1')))
    await endOne()
    await endOne()
    await endOne()
    expect(begun.slice(running).toSorted()).toEqual(['192.0.2.1', 'bob', 'mallory'])
    await endAll()
    await Promise.all(all)
    expect(ended.filter((one) => one === 'mallory')).toHaveLength(16)
    expect(ended.filter((one) => one.endsWith('too_many'))).toHaveLength(184)
  })

  it('of one source makes place for others where there is none', async () => {
    const { send, begun, ended, met, endOne, endAll } = stage()
    const all = send(source('flood'), 300)
    await endOne()
    expect(ended.filter((one) => one === 'flood: too_many')).toHaveLength(194)
    all.push(...send(source('office'), 60))
    await endOne()
    expect(ended.filter((one) => one === 'office: too_many')).toHaveLength(10)
    expect(new Set(met)).toEqual(new Set(['passwords_at_once']))
    await endAll()
    await Promise.all(all)
    expect(begun.filter((one) => one === 'office')).toHaveLength(50)
    expect(begun.slice(8, 12)).toEqual(['flood', 'office', 'flood', 'office'])
  })

  it('takes turns between people who showed who they are and everybody else', async () => {
    const { send, begun, endAll } = stage()
    const all = [...send(source('a'), 6)]
    for (const key of ['b', 'c', 'd']) all.push(...send(source(key)))
    for (const key of ['ann', 'bob']) all.push(...send(person(key), 2))
    await endAll()
    await Promise.all(all)
    expect(begun.slice(6)).toEqual(['ann', 'b', 'bob', 'c', 'ann', 'd', 'bob'])
  })

  it('that fails leaves its place to the next, and one person’s own work keeps its order', async () => {
    const { turns, met } = stage()
    const order: number[] = []
    const said = await Promise.allSettled(
      Array.from({ length: 16 }, (_, n) =>
        turns.take(person('ann'), async () => {
          order.push(n)
          if (n % 2 === 0) throw new Error('broken')
          return n
        }),
      ),
    )
    expect(order).toEqual(order.toSorted((one, other) => one - other))
    expect(said.map(({ status }) => status === 'fulfilled')).toEqual(order.map((n) => n % 2 === 1))
    expect(await turns.take(person('ann'), async () => 'done')).toBe('done')
    expect(met).toEqual([])
  })
})
