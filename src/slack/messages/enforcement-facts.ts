import type { Action, Enforcement } from '#src/tasks/task.ts'

/** What one enforcement's reply is made from. */
export interface EnforcementFacts extends Pick<
  Enforcement,
  'systemId' | 'systemKind' | 'login' | 'readBack' | 'already' | 'remarks' | 'sessions' | 'reason'
> {
  readonly action: Action
  readonly status: 'successful' | 'unsuccessful' | 'skipped'
  readonly durationMs: number
  readonly at: Date
}
