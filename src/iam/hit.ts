import type { FoundBy } from '#src/iam/connector.ts'

/** A person of an IAM system, and by what a query met them. */
export interface Hit<User> {
  readonly user: User
  readonly foundBy: FoundBy
}

/** How many people a query may meet in one system; more would be a query for nobody in particular. */
export const mostHits = 10

/** Those whom the query meets as they are now, `mostHits` at the most. Pure. */
export function hitsAmong<User>(
  users: readonly User[],
  evidenceFor: (user: User) => FoundBy | undefined,
): readonly Hit<User>[] {
  return users
    .flatMap((user) => {
      const foundBy = evidenceFor(user)
      return foundBy === undefined ? [] : [{ user, foundBy }]
    })
    .slice(0, mostHits)
}
