import {
  type HomeWorkspace,
  isUserGroup,
  SlackAwayError,
  type SlackPeople,
  whyNoMember,
} from '#src/people/actor.ts'
import type { Log } from '#src/log.ts'

/** How old Slack's word about the owners may be: they change seldom, and a Disable must not wait for them. */
const maxAgeMs = 10 * 60_000
const patienceMs = 1_500

/**
 * Tells the e-mail addresses of the last owner who can still act, so that nobody takes Drawbridge's last owner away; empty
 * while there are two or more. When Slack does not answer in time, what it said last counts.
 */
export function createLastOwner(deps: {
  readonly people: SlackPeople
  readonly home: () => HomeWorkspace | undefined
  /** Slack user ids (U…, W…) and user group ids (S…) that hold the role owner. */
  readonly owners: readonly string[]
  readonly log: Log
}): (signal: AbortSignal) => Promise<readonly string[]> {
  let last: readonly string[] = []
  return async (signal) => {
    const home = deps.home()
    if (home === undefined) return last
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
    try {
      last = await lastOwnerOf(deps.people, home, deps.owners, limit)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof SlackAwayError)) throw error
      deps.log.warn({ err: error }, 'Slack did not tell who owns Drawbridge')
    }
    return last
  }
}

async function lastOwnerOf(
  people: SlackPeople,
  home: HomeWorkspace,
  owners: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const how = { maxAgeMs, signal }
  const members = await Promise.all(
    owners.map((id) => (isUserGroup(id) ? people.groupMembers(id, how) : Promise.resolve([id]))),
  )
  const found = await Promise.all([...new Set(members.flat())].map((id) => people.person(id, how)))
  const active = found.filter((person) => whyNoMember(person, home) === undefined)
  const email = active.length === 1 ? active[0]?.email : undefined
  return email === undefined ? [] : [email]
}
