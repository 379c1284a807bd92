import { randomBytes, randomUUID } from 'node:crypto'

/** Makes the ids and stamps of one workspace; none is made twice. */
export interface Ids {
  /** E.g. `C0000000A1` for the prefix `C`. */
  readonly id: (prefix: string) => string
  /** A message's `ts`: seconds with six decimals, always later than the one before. */
  readonly ts: () => string
  readonly trigger: () => string
  readonly hash: () => string
  readonly word: () => string
  readonly envelope: () => string
}

function word(): string {
  return randomBytes(12).toString('hex')
}

/** Ids that go with the given clock (milliseconds). */
export function createIds(now: () => number): Ids {
  let count = 0
  let lastMicros = 0
  const ts = (): string => {
    lastMicros = Math.max(Math.round(now() * 1000), lastMicros + 1)
    return `${Math.floor(lastMicros / 1e6)}.${String(lastMicros % 1e6).padStart(6, '0')}`
  }
  return {
    id: (prefix) => {
      count += 1
      return `${prefix}${(count + 46_656).toString(36).toUpperCase().padStart(10, '0')}`
    },
    ts,
    trigger: () => `${Math.floor(now())}.${randomBytes(4).readUInt32BE()}.${word()}`,
    hash: () => `${Math.floor(now() / 1000)}.${randomBytes(4).toString('hex')}`,
    word,
    envelope: () => randomUUID(),
  }
}
