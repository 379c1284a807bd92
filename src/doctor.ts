import type { Clock } from '#src/clock.ts'
import { adviceOn, type Config } from '#src/config.ts'
import { createConnectors } from '#src/iam/connectors.ts'
import { examineSystems, exitStatusOf, type SystemHealth } from '#src/iam/doctor.ts'
import { healthWords, type Pen } from '#src/iam/doctor-words.ts'
import type { Log } from '#src/log.ts'

/** What `drawbridge doctor` works with. */
export interface DoctorDeps {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  /** Writes one line where the person reads. */
  readonly write: (line: string) => void
}

/**
 * Looks at every configured IAM system, live and without changing anything, and writes what it saw: sentences, or one
 * JSON document. Answers the exit status: 0 all is well, 1 something is missing or refused, 69 a system could not be asked.
 */
export async function runDoctor(
  deps: DoctorDeps,
  options: { readonly json: boolean },
  signal: AbortSignal,
): Promise<number> {
  const { config, clock, log } = deps
  const { callTimeoutMs } = config.enforcement
  const { deny, twoApprovers } = config.protection
  const connectors = createConnectors(config.iamSystems, {
    callTimeoutMs,
    protectedEntries: [...deny, ...twoApprovers],
    clock,
  })
  // A look is several calls one after the other.
  const healths = await examineSystems(connectors, { clock, log, limitMs: 4 * callTimeoutMs }, signal)
  const advice = adviceOn(config)
  const lines = options.json
    ? [JSON.stringify({ ...reportOf(healths), advice }, undefined, 2)]
    : [...linesOf(healths), ...advice.map(({ path, sentence }) => `! ${path}: ${sentence}`)]
  for (const line of lines) deps.write(line)
  return exitStatusOf(healths)
}

/** The same as JSON. Keys are promised to scripts: new ones may come, none changes. Pure. */
export function reportOf(healths: readonly SystemHealth[]) {
  return {
    exitStatus: exitStatusOf(healths),
    systems: healths.map(({ system, state, connection, rights, warnings, trouble }) => ({
      ...system,
      state,
      address: connection?.address ?? null,
      latencyMs: connection === undefined ? null : Math.round(connection.latencyMs),
      clockSkewMs: connection?.clockSkewMs ?? null,
      certificateEndsAt: connection?.certificateEndsAt ?? null,
      credentialEndsAt: connection?.credentialEndsAt ?? null,
      rights: rights.map(({ right, status, grantedBy, where }) => ({
        right,
        status,
        grantedBy: grantedBy ?? null,
        where: where ?? null,
      })),
      warnings,
      trouble: trouble ?? null,
    })),
  }
}

// A terminal takes no orders from what a directory says of itself.
const terminal: Pen = {
  moment: (at) => at.toISOString().slice(0, 10),
  foreign: (text) => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?'),
}

function linesOf(healths: readonly SystemHealth[]): readonly string[] {
  const well = healths.filter(({ state }) => state === 'well').length
  return [
    ...healths.flatMap((health) => {
      const words = healthWords(health, terminal)
      return [
        `${words.mark} ${words.id} (${words.kind}): ${words.summary}`,
        ...(words.connection.length === 0 ? [] : [`    ${words.connection.join(', ')}`]),
        ...words.toDo.map((sentence) => `  ! ${sentence}`),
        ...words.granted.map((right) => `  ✔ ${right}`),
        '',
      ]
    }),
    `${well} of ${healths.length} IAM systems are well. Nothing was changed.`,
  ]
}
