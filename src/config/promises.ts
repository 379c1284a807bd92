import type { RawMistake } from '#src/config/mistakes.ts'

/**
 * What the format offers, people would rely on, and this version does not keep: refused rather than ignored. A line
 * goes when its promise is kept.
 */
export function notKept(promised: { readonly auditKeyGiven: boolean }): readonly RawMistake[] {
  if (!promised.auditKeyGiven) return []
  const sentence = 'A keyed audit chain is not available in this version. Leave audit.key out.'
  return [{ path: ['audit', 'key'], sentence }]
}
