import { UserError } from '#src/errors.ts'
import type { OnLimit } from '#src/limits.ts'

/**
 * Whose work it is: a person's who showed who they are, by a session, a link or a browser that they know; or a source's, of
 * which nothing else is known.
 */
export interface Whose {
  readonly kind: 'person' | 'source'
  readonly key: string
}

/** Lets work on passwords run a few at a time, in turns between all who wait. */
export interface PasswordTurns {
  /**
   * Does the work when its turn comes. Throws `UserError('too_many')` where too much waits: nothing was begun then. Holds a
   * turn while it runs, so it must not wait for anything slow, or for another turn.
   */
  take<T>(whose: Whose, work: () => Promise<T>): Promise<T>
}

// Each costs a core tens of milliseconds, in one of libuv's four threads; two more read and write meanwhile.
const atOnce = 6
// Nobody is served better by waiting longer than so many take.
const mostWaiting = {
  person: { ofOne: 10, ofAll: 100 },
  // Of how many people it is nobody knows.
  source: { ofOne: Infinity, ofAll: 100 },
} as const

/**
 * Makes the turns of this process. Persons and sources alternate, and so do those of each kind: who sends much waits for
 * their own work. Where no place is left the newest of whoever has most there goes, so nobody takes others' places.
 */
export function createPasswordTurns(onLimit?: OnLimit): PasswordTurns {
  const lanes = { person: createLane(mostWaiting.person), source: createLane(mostWaiting.source) }
  let running = 0
  let last: Whose['kind'] = 'source'

  const next = (): Waiting | undefined => {
    for (const kind of last === 'person'
      ? (['source', 'person'] as const)
      : (['person', 'source'] as const)) {
      const waiting = lanes[kind].next()
      if (waiting === undefined) continue
      last = kind
      return waiting
    }
    return undefined
  }
  const beginMore = (): void => {
    while (running < atOnce) {
      const waiting = next()
      if (waiting === undefined) return
      running += 1
      waiting.begin()
    }
  }
  const turnOf = ({ kind, key }: Whose): Promise<void> =>
    new Promise((resolve, reject) => {
      const refuse = (why: 'of_one' | 'of_all') => {
        onLimit?.(why === 'of_one' ? 'passwords_at_once_of_one' : 'passwords_at_once')
        reject(refusals[why]())
      }
      lanes[kind].add(key, { begin: resolve, refuse })
      beginMore()
    })
  return {
    async take(whose, work) {
      await turnOf(whose)
      try {
        return await work()
      } finally {
        running -= 1
        beginMore()
      }
    },
  }
}

interface Waiting {
  readonly begin: () => void
  readonly refuse: (why: 'of_one' | 'of_all') => void
}

/** Those of one kind who wait, each in a queue of their own; the queues take turns. */
function createLane({ ofOne, ofAll }: { readonly ofOne: number; readonly ofAll: number }) {
  const queues = new Map<string, Waiting[]>()
  let count = 0
  /** Frees a place for somebody who has so few; false when nobody has more. */
  const makePlace = (few: number): boolean => {
    const longest = [...queues.values()].reduce<Waiting[]>(
      (most, one) => (one.length > most.length ? one : most),
      [],
    )
    if (longest.length <= few + 1) return false
    longest.pop()?.refuse('of_all')
    count -= 1
    return true
  }
  return {
    add(key: string, waiting: Waiting): void {
      const own = queues.get(key) ?? []
      if (own.length >= ofOne) return waiting.refuse('of_one')
      if (count >= ofAll && !makePlace(own.length)) return waiting.refuse('of_all')
      own.push(waiting)
      queues.set(key, own)
      count += 1
    },
    next(): Waiting | undefined {
      const [first] = queues
      if (first === undefined) return undefined
      const [key, queue] = first
      queues.delete(key)
      const waiting = queue.shift()
      if (queue.length > 0) queues.set(key, queue)
      count -= 1
      return waiting
    },
  }
}

const refusals = {
  of_one: () =>
    new UserError(
      'too_many',
      'You sent this very many times at once. Wait until the first ones are answered, then send it once more.',
    ),
  of_all: () =>
    new UserError('too_many', 'Very many people are signing in right now. Try again in a minute.'),
} as const
