import type { types } from '@slack/bolt'
import type { Role } from '#src/people/actor.ts'
import type { HomeFacts } from '#src/slack/home/facts.ts'
import { homeNotice, homeView, noRole } from '#src/slack/home/view.ts'
import { galleryBatches } from '#test/helpers/gallery/local.ts'
import { hostile, longName, minutesAgo, now, people, ran, task } from '#test/helpers/gallery/facts.ts'

const url = 'https://sandbox.slack.com/archives/C0/p1'
const some = (...tasks: readonly ReturnType<typeof task>[]) => ({
  tasks: tasks.map((one) => ({ task: one, url })),
  total: tasks.length,
})

function home(roles: readonly Role[], changes: Partial<HomeFacts> = {}): types.HomeView {
  return homeView({
    actor: {
      ...{ userId: people.ana, teamId: 'T1', enterpriseId: undefined, name: 'Ana', email: undefined },
      ...{ tz: undefined, roles: new Set(roles) },
    },
    waiting: undefined,
    mine: some(),
    running: some(),
    systems: [],
    localUsers: undefined,
    now,
    ...changes,
  })
}

const health = (id: string, state: HomeFacts['systems'][number]['state']) => ({
  system: { id, kind: 'okta' as const },
  state,
  sinceAt: state === 'unknown' ? undefined : minutesAgo(42),
  lookedAt: state === 'unknown' ? undefined : minutesAgo(1),
})

/** Home tabs: of everybody, of nobody, with all there can be. */
export const homes: Readonly<Record<string, types.HomeView>> = {
  everything: home(['viewer', 'responder', 'approver', 'local_user_admin', 'owner'], {
    waiting: {
      ...some(task(), task({ id: 'T-9Q2XM', targetName: hostile, description: hostile })),
      total: 9,
    },
    mine: some(
      ran({ status: 'successful', id: 'T-AAAAA' }),
      ran({
        status: 'partially_successful',
        id: 'T-BBBBB',
        targetName: longName,
        description: longName.repeat(3),
      }),
    ),
    running: some(ran({ status: 'in_progress', id: 'T-CCCCC' })),
    systems: [
      health('corp-ad', 'well'),
      health('entra', 'missing'),
      health('okta', 'refused'),
      health('partner-ad', 'away'),
      health('a-very-long-system-id-that-somebody-chose', 'unknown'),
    ],
    localUsers: {
      counts: { total: 9_812, disabled: 120, waiting: 411, expired: 7, groups: 31 },
      batches: galleryBatches,
    },
  }),
  /** For the documentation: nothing that makes trouble. */
  usual: home(['viewer', 'responder', 'approver', 'local_user_admin', 'owner'], {
    waiting: some(task()),
    mine: some(
      ran({
        status: 'successful',
        id: 'T-9Q2XM',
        targetName: 'Bob Stone',
        requesterId: people.ana,
        description: 'Lost laptop',
      }),
    ),
    running: some(ran({ status: 'in_progress', id: 'T-7HW3C', targetName: 'Carol Diaz', description: '' })),
    systems: [
      health('corp-ad', 'well'),
      health('entra', 'missing'),
      health('okta', 'well'),
      health('partner-ad', 'away'),
    ],
    localUsers: {
      counts: { total: 9_812, disabled: 120, waiting: 411, expired: 7, groups: 31 },
      batches: galleryBatches.slice(2),
    },
  }),
  viewer: home(['viewer'], { systems: [health('corp-ad', 'well')] }),
  empty: home(['responder', 'approver', 'local_user_admin'], {
    waiting: some(),
    localUsers: { counts: { total: 0, disabled: 0, waiting: 0, expired: 0, groups: 0 }, batches: [] },
  }),
  nobody: homeNotice(noRole),
}
