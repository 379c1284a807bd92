import { z } from 'zod'
import { ConnectorError } from '#src/errors.ts'
import type { AccountNote } from '#src/iam/connector.ts'

const text = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value))

/** The statuses of Okta's specification. */
export const oktaStatuses = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'RECOVERY',
  'PASSWORD_EXPIRED',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
] as const

// ACTIVATING is a passing status that the enumeration of the specification leaves out.
const Status = z.enum([...oktaStatuses, 'ACTIVATING'])

/** A person as `GET /api/v1/users/{id}` answers, as far as we read it. */
const User = z
  .object({
    id: z.string().min(1),
    status: Status,
    statusChanged: text,
    transitioningToStatus: z.enum(['ACTIVE', 'PROVISIONED', 'DEPROVISIONED']).nullish(),
    profile: z.object({
      login: z.string().min(1),
      email: text,
      secondEmail: text,
      firstName: text,
      lastName: text,
      displayName: text,
      department: text,
      employeeNumber: text,
    }),
    credentials: z.object({ provider: z.object({ type: z.string(), name: text }).nullish() }).nullish(),
    _links: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform(({ id, status, statusChanged, transitioningToStatus, profile, credentials, _links }) => ({
    id,
    status: status === 'ACTIVATING' ? ('PROVISIONED' as const) : status,
    /** ISO time. */
    statusChanged,
    transitioningTo: transitioningToStatus ?? (status === 'ACTIVATING' ? ('ACTIVE' as const) : undefined),
    profile,
    provider: credentials?.provider ?? undefined,
    /** The operations that the org offers us on this person; only a person read by id carries them. */
    links: Object.keys(_links ?? {}),
  }))
export type OktaUser = z.output<typeof User>

/** Reads one vendor answer. Throws `bad_response` that names the fields, never their values. */
export function readAnswer<Shape extends z.ZodType>(shape: Shape, body: unknown): z.output<Shape> {
  const parsed = shape.safeParse(body)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ')
  throw new ConnectorError('bad_response', `Okta's answer is not as specified: ${fields}`, {
    detail: 'answer_not_as_specified',
  })
}

/** Reads one person. Throws `bad_response`, also for a status that is not known here. */
export function readUser(body: unknown): OktaUser {
  return readAnswer(User, body)
}

/** Reads the ids that a search answered; nothing else of it is ever used, because its index is late. */
export function readUserIds(body: unknown): readonly string[] {
  return readAnswer(z.array(z.object({ id: z.string().min(1) })), body).map(({ id }) => id)
}

/** What a responder should see beside enabled or disabled. Pure. */
export function notesOf(user: Pick<OktaUser, 'status' | 'transitioningTo'>): readonly AccountNote[] {
  const changing: readonly AccountNote[] = user.transitioningTo === undefined ? [] : ['changing_now']
  switch (user.status) {
    case 'ACTIVE':
    case 'SUSPENDED':
      return changing
    case 'STAGED':
      return ['never_activated', ...changing]
    case 'PROVISIONED':
      return ['activation_pending', ...changing]
    case 'RECOVERY':
      return ['in_recovery', ...changing]
    case 'PASSWORD_EXPIRED':
      return ['password_expired', ...changing]
    case 'LOCKED_OUT':
      return ['locked_by_failures', ...changing]
    case 'DEPROVISIONED':
      return ['deactivated', ...changing]
  }
}

/** The name to show. Pure. */
export function displayNameOf({ profile }: Pick<OktaUser, 'profile'>): string | undefined {
  const parts = [profile.firstName, profile.lastName].filter((part) => part !== undefined)
  return profile.displayName ?? (parts.length === 0 ? undefined : parts.join(' '))
}
