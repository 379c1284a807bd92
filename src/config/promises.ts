import type { RawMistake } from '#src/config/mistakes.ts'
import { systemKinds } from '#src/config/systems.ts'

/**
 * What the format offers, people would rely on, and this version does not keep: refused rather than ignored. A line
 * goes when its promise is kept.
 */
export function notKept(promised: {
  readonly auditKeyGiven: boolean
  readonly systems: readonly Readonly<Record<string, unknown>>[]
  readonly availableKinds: readonly string[]
}): readonly RawMistake[] {
  return [
    ...promised.systems.flatMap(({ kind }, i) =>
      typeof kind !== 'string' || !Object.hasOwn(systemKinds, kind) || promised.availableKinds.includes(kind)
        ? []
        : [
            {
              path: ['iam_systems', i, 'kind'],
              sentence: `The kind ${kind} is not available in this version. Take the system out.`,
            },
          ],
    ),
    ...(promised.auditKeyGiven
      ? [
          {
            path: ['audit', 'key'],
            sentence: 'A keyed audit chain is not available in this version. Leave audit.key out.',
          },
        ]
      : []),
  ]
}
