import type { Clock } from '#src/clock.ts'
import { ConnectorError, type ConnectorErrorCode, type ConnectorErrorFacts } from '#src/errors.ts'
import type { ConnectionReport, IamConnector, RightCheck, SystemKind, SystemRef } from '#src/iam/connector.ts'
import type { Log } from '#src/log.ts'

/** What will soon stop working, though it works now. */
export type HealthWarning =
  | { readonly kind: 'certificate_ends' | 'credential_ends'; readonly endsAt: Date }
  /** Their clock minus ours. */
  | { readonly kind: 'clock_differs'; readonly byMs: number }

/** Why a system could not be looked at. */
export interface HealthTrouble {
  readonly code: ConnectorErrorCode
  readonly facts: ConnectorErrorFacts
}

/**
 * How one IAM system is. `well`: it answers, and nothing is known to be missing. `missing`: a right is. `refused`: it answers,
 * but not as it must (our sign-in, its certificate, …). `away`: it could not be asked.
 */
export interface SystemHealth {
  readonly system: SystemRef
  readonly state: 'well' | 'missing' | 'refused' | 'away'
  /** Undefined when there was no sign-in. */
  readonly connection: ConnectionReport | undefined
  /** Empty when they could not be looked at. */
  readonly rights: readonly RightCheck[]
  readonly trouble: HealthTrouble | undefined
  readonly warnings: readonly HealthWarning[]
}

const day = 24 * 60 * 60_000
const certificateWarningMs = 30 * day
/** A password is changed in a minute; a secret or certificate of an app has to be asked for. */
const credentialWarningMs: { readonly [kind in SystemKind]: number } = {
  openldap: 14 * day,
  'active-directory': 14 * day,
  entra: 30 * day,
  okta: 30 * day,
  local: 14 * day,
}
/** Signed requests are commonly refused from five minutes on. */
const clockWarningMs = 2 * 60_000

/**
 * Looks at every system at the same time: signs in and looks at each right, without changing anything. Never throws for a
 * system; one that takes longer than `limitMs` counts as away.
 */
export async function examineSystems(
  connectors: readonly IamConnector[],
  deps: { readonly clock: Clock; readonly log: Log; readonly limitMs: number },
  signal: AbortSignal,
): Promise<readonly SystemHealth[]> {
  return await Promise.all(
    connectors.map(async (connector): Promise<SystemHealth> => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(deps.limitMs)])
      const { system } = connector
      let connection: ConnectionReport | undefined
      try {
        connection = await within(limit, connector.checkConnection(limit))
        const rights = await within(limit, connector.checkRights(limit))
        const state = rights.some((right) => right.status === 'missing') ? 'missing' : 'well'
        const warnings = warningsOf(system.kind, connection, deps.clock.now())
        return { system, state, connection, rights, trouble: undefined, warnings }
      } catch (error) {
        const trouble = troubleOf(error, limit)
        if (trouble.facts.detail === unexpected)
          deps.log.error({ err: error, system: system.id }, 'an IAM system could not be looked at')
        const warnings = connection === undefined ? [] : warningsOf(system.kind, connection, deps.clock.now())
        return { system, state: stateOf(trouble), connection, rights: [], trouble, warnings }
      }
    }),
  )
}

/** The exit status of `doctor`: 0 all is well, 1 something is missing or refused, 69 a system could not be asked. */
export function exitStatusOf(healths: readonly SystemHealth[]): 0 | 1 | 69 {
  if (healths.some(({ state }) => state === 'away')) return 69
  return healths.every(({ state }) => state === 'well') ? 0 : 1
}

/** Also where a connector does not heed the signal: one system must not keep the others' answers. */
async function within<T>(limit: AbortSignal, look: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>()
  limit.addEventListener('abort', () => over.reject(limit.reason), { once: true })
  if (limit.aborted) over.reject(limit.reason)
  return await Promise.race([look, over.promise])
}

const unexpected = 'unexpected'

function troubleOf(error: unknown, limit: AbortSignal): HealthTrouble {
  if (error instanceof ConnectorError) return { code: error.code, facts: error.facts }
  if (limit.aborted) return { code: 'timed_out', facts: {} }
  return { code: 'bad_response', facts: { detail: unexpected } }
}

const awayCodes: ReadonlySet<ConnectorErrorCode> = new Set([
  'unavailable',
  'timed_out',
  'rate_limited',
  'unknown_outcome',
])

function stateOf({ code }: HealthTrouble): 'away' | 'refused' {
  return awayCodes.has(code) ? 'away' : 'refused'
}

/** What an administrator should see to while all still works. Pure. */
export function warningsOf(
  kind: SystemKind,
  connection: ConnectionReport,
  now: Date,
): readonly HealthWarning[] {
  const { certificateEndsAt, credentialEndsAt, clockSkewMs } = connection
  const isNear = (at: Date | undefined, withinMs: number): at is Date =>
    at !== undefined && at.getTime() - now.getTime() < withinMs
  return [
    ...(isNear(certificateEndsAt, certificateWarningMs)
      ? [{ kind: 'certificate_ends', endsAt: certificateEndsAt } as const]
      : []),
    ...(isNear(credentialEndsAt, credentialWarningMs[kind])
      ? [{ kind: 'credential_ends', endsAt: credentialEndsAt } as const]
      : []),
    ...(clockSkewMs !== undefined && Math.abs(clockSkewMs) >= clockWarningMs
      ? [{ kind: 'clock_differs', byMs: clockSkewMs } as const]
      : []),
  ]
}
