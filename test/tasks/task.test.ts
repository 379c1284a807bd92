import { describe, expect, it } from 'vitest'
import { type EnforcementStatus, isFinished, rollUp, taskStatuses } from '#src/tasks/task.ts'

const of = (...statuses: EnforcementStatus[]) => rollUp(statuses.map((status) => ({ status })))

describe('the status of a task follows from its enforcements', () => {
  it.each([
    ['nothing at all', [], 'unsuccessful'],
    ['all skipped', ['skipped', 'skipped'], 'unsuccessful'],
    ['one waiting', ['waiting'], 'in_progress'],
    ['one running beside a failure', ['running', 'unsuccessful'], 'in_progress'],
    ['one waiting beside a success', ['waiting', 'successful'], 'in_progress'],
    ['one success', ['successful'], 'successful'],
    ['a success beside a skipped one', ['successful', 'skipped'], 'successful'],
    ['one failure', ['unsuccessful'], 'unsuccessful'],
    ['a failure beside a skipped one', ['unsuccessful', 'skipped'], 'unsuccessful'],
    ['a success and a failure', ['successful', 'unsuccessful'], 'partially_successful'],
    ['one of everything that ended', ['successful', 'unsuccessful', 'skipped'], 'partially_successful'],
  ] as const)('%s', (_, statuses, expected) => {
    expect(of(...statuses)).toBe(expected)
  })

  it('does not depend on the order', () => {
    expect(of('unsuccessful', 'skipped', 'successful')).toBe(of('successful', 'unsuccessful', 'skipped'))
  })

  it('is finished in every status but the two in which something is still to come', () => {
    expect(taskStatuses.filter((status) => !isFinished(status))).toEqual(['pending_approval', 'in_progress'])
  })
})
