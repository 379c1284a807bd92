import { randomBytes, randomUUID } from 'node:crypto'

/** Makes the ids of one org; none is made twice. */
export interface Ids {
  /** Twenty characters, e.g. `00u000000000001AbC5d7` for the prefix `00u`, growing with each. */
  readonly id: (prefix: string) => string
  /** A secret of a link or token. */
  readonly secret: () => string
  readonly requestId: () => string
  readonly errorId: () => string
  readonly uuid: () => string
}

/** Ids from a counter, so that their order is the order in which they were made. */
export function createIds(): Ids {
  let count = 0
  return {
    id: (prefix) => {
      count += 1
      const number = (count + 46_656).toString(36).padStart(8, '0')
      return `${prefix}${number}${'bQx7Wd3Kf9p'.slice(0, 20 - prefix.length - number.length - 3)}5d7`
    },
    secret: () => randomBytes(15).toString('base64url'),
    requestId: () => randomBytes(20).toString('base64url'),
    errorId: () => `oae${randomBytes(16).toString('base64url')}`,
    uuid: () => randomUUID(),
  }
}
