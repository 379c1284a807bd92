import { z } from 'zod'
import type { Clock } from '#src/clock.ts'
import { SlackAwayError, type SlackPeople, type SlackPerson } from '#src/people/actor.ts'
import { SlackCallError, type SlackCall } from '#src/slack/clients.ts'
import type { Log } from '#src/slack/context.ts'

const UsersInfo = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string(),
    name: z.string().optional(),
    real_name: z.string().optional(),
    tz: z.string().nullish(),
    deleted: z.boolean().default(false),
    is_bot: z.boolean().default(false),
    is_restricted: z.boolean().default(false),
    is_ultra_restricted: z.boolean().default(false),
    is_stranger: z.boolean().default(false),
    profile: z
      .object({
        email: z.string().optional(),
        display_name: z.string().optional(),
        real_name: z.string().optional(),
      })
      .default({}),
    enterprise_user: z.object({ enterprise_id: z.string().optional() }).nullish(),
  }),
})
const GroupUsers = z.object({ users: z.array(z.string()) })

const unknownPerson = new Set(['user_not_found', 'user_not_visible', 'users_not_found'])
const unknownGroup = new Set(['no_such_subteam', 'subteam_not_found', 'plan_upgrade_required'])
// Slack says of its own Slackbot that it is no bot.
const slackbot = 'USLACKBOT'
const remembered = 5000

/**
 * People and user groups of Slack, remembered with their age. Identical look-ups at the same time share one call. Throws
 * `SlackAwayError` (with Slack's own waiting time) when Slack cannot be asked; what failed is not remembered.
 */
export function createSlackPeople(deps: {
  readonly call: SlackCall
  readonly clock: Clock
  readonly log: Log
}): SlackPeople {
  const people = createMemory<SlackPerson | undefined>(deps.clock)
  const groups = createMemory<readonly string[]>(deps.clock)

  async function ask<T>(
    method: 'users.info' | 'usergroups.users.list',
    args: object,
    answer: z.ZodType<T>,
    gone: ReadonlySet<string>,
  ) {
    try {
      return await deps.call(method, { ...args }, answer)
    } catch (error) {
      if (!(error instanceof SlackCallError)) throw error
      const { problem } = error
      if (problem.kind === 'platform' && gone.has(problem.code)) return undefined
      if (problem.kind === 'platform') deps.log.error({ err: error }, 'Slack refuses a look-up')
      throw new SlackAwayError(
        error.message,
        problem.kind === 'rate_limited' ? problem.retryAfterMs : undefined,
        error,
      )
    }
  }

  return {
    person: (userId, { maxAgeMs, signal }) =>
      unlessAborted(
        people.get(userId, maxAgeMs, async () => {
          const said = await ask('users.info', { user: userId }, UsersInfo, unknownPerson)
          return said === undefined ? undefined : personFrom(said.user)
        }),
        signal,
      ),
    groupMembers: (groupId, { maxAgeMs, signal }) =>
      unlessAborted(
        groups.get(groupId, maxAgeMs, async () => {
          const said = await ask('usergroups.users.list', { usergroup: groupId }, GroupUsers, unknownGroup)
          return said?.users ?? []
        }),
        signal,
      ),
  }
}

function personFrom(user: z.infer<typeof UsersInfo>['user']): SlackPerson {
  const names = [user.profile.real_name, user.real_name, user.profile.display_name, user.name]
  return {
    userId: user.id,
    teamId: user.team_id,
    enterpriseId: user.enterprise_user?.enterprise_id,
    name: names.find((name) => name !== undefined && name !== '') ?? user.id,
    email: user.profile.email,
    tz: user.tz ?? undefined,
    deactivated: user.deleted,
    bot: user.is_bot || user.id === slackbot,
    guest: user.is_restricted || user.is_ultra_restricted,
    stranger: user.is_stranger,
  }
}

interface Memory<T> {
  readonly get: (key: string, maxAgeMs: number, look: () => Promise<T>) => Promise<T>
}

function createMemory<T>(clock: Clock): Memory<T> {
  const known = new Map<string, { readonly value: T; readonly askedAt: number }>()
  const asking = new Map<string, Promise<T>>()

  function remember(key: string, value: T, askedAt: number): void {
    known.delete(key)
    known.set(key, { value, askedAt })
    const [oldest] = known.keys()
    if (known.size > remembered && oldest !== undefined) known.delete(oldest)
  }

  async function lookUp(key: string, look: () => Promise<T>): Promise<T> {
    const askedAt = clock.now().getTime()
    try {
      const value = await look()
      remember(key, value, askedAt)
      return value
    } finally {
      asking.delete(key)
    }
  }

  return {
    get: async (key, maxAgeMs, look) => {
      const entry = known.get(key)
      if (entry !== undefined && maxAgeMs > 0 && clock.now().getTime() - entry.askedAt <= maxAgeMs)
        return entry.value
      const running = asking.get(key)
      if (running !== undefined) return running
      const promise = lookUp(key, look)
      asking.set(key, promise)
      return promise
    },
  }
}

/** The call goes on for the others who wait for it; only this caller stops waiting. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const stop = () => aborted.reject(new SlackAwayError('stopped waiting for Slack', undefined, signal.reason))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
