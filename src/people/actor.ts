import { UserError } from '#src/errors.ts'

/** What a person may do. Each role includes viewer and nothing else. */
export const roles = ['viewer', 'responder', 'approver', 'local_user_admin', 'owner'] as const
export type Role = (typeof roles)[number]

/** A Slack person as `users.info` describes them, fetched live. */
export interface SlackPerson {
  readonly userId: string
  readonly teamId: string
  readonly enterpriseId: string | undefined
  readonly name: string
  readonly email: string | undefined
  /** IANA time zone. */
  readonly tz: string | undefined
  readonly deactivated: boolean
  readonly bot: boolean
  readonly guest: boolean
  /** Somebody of another organisation in a shared channel. */
  readonly stranger: boolean
}

/** Live look-ups of people, answered from a memory not older than `maxAgeMs`. Throws `SlackAwayError` when Slack cannot be asked. */
export interface SlackPeople {
  /** Undefined when Slack knows no such person. */
  person(userId: string, options: { maxAgeMs: number; signal: AbortSignal }): Promise<SlackPerson | undefined>
  /** The members of a user group; empty when it is gone or disabled. */
  groupMembers(
    groupId: string,
    options: { maxAgeMs: number; signal: AbortSignal },
  ): Promise<readonly string[]>
}

/** Whether an entry of a role names a user group (S…) rather than a person (U…, W…). Pure. */
export function isUserGroup(id: string): boolean {
  return id.startsWith('S')
}

/** Slack could not be asked; try again not before `retryAfterMs`, where Slack said so. */
export class SlackAwayError extends Error {
  readonly retryAfterMs: number | undefined
  constructor(message: string, retryAfterMs?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'SlackAwayError'
    this.retryAfterMs = retryAfterMs
  }
}

/** A person who may use Drawbridge, with the roles held at the moment of the look-up. */
export interface Actor {
  readonly userId: string
  readonly teamId: string
  readonly enterpriseId: string | undefined
  readonly name: string
  readonly email: string | undefined
  readonly tz: string | undefined
  readonly roles: ReadonlySet<Role>
}

/** Which workspace the bot lives in, from `auth.test`. */
export interface HomeWorkspace {
  readonly teamId: string
  readonly enterpriseId: string | undefined
}

/**
 * Refuses everybody who may never act here: bots, deactivated people, guests, people of another workspace or
 * organisation. Pure; throws `UserError('not_a_member')`.
 */
export function assertMember(
  person: SlackPerson | undefined,
  home: HomeWorkspace,
): asserts person is SlackPerson {
  const why = whyNoMember(person, home)
  if (why !== undefined) throw new UserError('not_a_member', why)
}

/** Why this person may never act here; undefined for a member. Pure. */
export function whyNoMember(person: SlackPerson | undefined, home: HomeWorkspace): string | undefined {
  if (person === undefined) return 'Slack does not know you in this workspace, so I cannot act for you.'
  if (person.deactivated) return 'Your Slack account is deactivated, so I cannot act for you.'
  if (person.bot) return 'I take requests from people only, not from apps.'
  const foreign =
    person.teamId !== home.teamId &&
    (home.enterpriseId === undefined || person.enterpriseId !== home.enterpriseId)
  if (person.stranger || foreign)
    return 'I take requests from members of this workspace only. Please ask somebody who belongs to it.'
  if (person.guest)
    return 'I take requests from full members only, not from guests. Please ask a full member.'
  return undefined
}

const words: { readonly [role in Role]: string } = {
  viewer: 'viewer',
  responder: 'responder',
  approver: 'approver',
  local_user_admin: 'local-user admin',
  owner: 'owner',
}

/** Throws `UserError('not_allowed')` unless the actor holds one of the roles; any role includes viewer. */
export function assertRole(actor: Actor, ...wanted: readonly Role[]): void {
  if (wanted.some((role) => (role === 'viewer' ? actor.roles.size > 0 : actor.roles.has(role)))) return
  const names = wanted.map((role) => words[role]).join(' or ')
  throw new UserError(
    'not_allowed',
    `This needs the role ${names}, which you do not hold. An owner of Drawbridge can give it to you.`,
  )
}
