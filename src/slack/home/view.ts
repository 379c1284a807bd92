import type { types } from '@slack/bolt'
import { allLocalUsers } from '#src/local-users/account.ts'
import {
  actions,
  button,
  context,
  divider,
  header,
  plainSection,
  section,
} from '#src/slack/block-kit/index.ts'
import type { AnyBlock } from '#src/slack/context.ts'
import type { HomeFacts, LinkedTask, Some } from '#src/slack/home/facts.ts'
import { taskLine } from '#src/slack/messages/answers.ts'
import { batchLine, batchTitle } from '#src/slack/messages/local/batch.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'
import { boldForeign, slackDate } from '#src/slack/text.ts'
import type { KnownHealth } from '#src/tasks/system-health.ts'

/** To people who hold no role, in plain text. */
export const noRole =
  'You hold no role in Drawbridge yet, so there is nothing to show here. An owner of Drawbridge can give you one.'

/** A Home tab that only says something: to people who may see nothing else. Pure. */
export function homeNotice(sentence: string): types.HomeView {
  return { type: 'home', blocks: [plainSection(sentence)] }
}

/** Somebody's Home tab: what waits for them first, then what is theirs, then how everything is. Pure. */
export function homeView(facts: HomeFacts): types.HomeView {
  const { waiting, mine, running, localUsers, actor } = facts
  const none = actor.roles.has('responder')
    ? 'You have not asked for anything yet. *Disable a user* makes the first task.'
    : 'Responders ask for tasks. `/user-status` shows you the accounts of a person, and the last tasks about them.'
  return {
    type: 'home',
    blocks: [
      quickActions(facts),
      ...(waiting === undefined
        ? []
        : tasksPart('Waits for you', waiting, 'Nothing waits for your decision.', decideRow)),
      ...tasksPart('Your tasks', mine, none),
      ...tasksPart('Running now', running, 'No task is running.'),
      ...systemsPart(facts),
      ...(localUsers === undefined ? [] : localUsersPart(localUsers, facts.now)),
    ],
  }
}

function quickActions({ actor, localUsers }: HomeFacts): AnyBlock {
  const { roles } = actor
  const ask = [
    button({ id: 'home_disable', text: 'Disable a user', style: 'danger' as const }),
    button({ id: 'home_enable', text: 'Enable a user' }),
  ]
  const local = [
    button({ id: 'home_local_users', text: 'Local users' }),
    button({ id: 'home_local_groups', text: 'Local groups' }),
  ]
  const buttons = [
    ...(roles.has('responder') ? ask : []),
    button({ id: 'home_tasks', text: 'Tasks' }),
    ...(localUsers === undefined ? [] : local),
    ...(roles.has('owner') ? [button({ id: 'home_systems', text: 'IAM systems' })] : []),
    button({ id: 'home_again', text: 'Look again' }),
  ]
  return actions(buttons, { blockId: 'quick' })
}

function tasksPart(
  title: string,
  { tasks, total }: Some,
  none: string,
  under: (one: LinkedTask) => readonly AnyBlock[] = () => [],
): readonly AnyBlock[] {
  const more = total - tasks.length
  return [
    divider(),
    header(total === 0 ? title : `${title} · ${thousands(total)}`),
    ...(tasks.length === 0 ? [section(none)] : []),
    ...tasks.flatMap((one) => [section(taskLine(one.task, one.url)), ...under(one)]),
    ...(more > 0 ? [context(`And ${thousands(more)} more: \`/tasks\` shows all.`)] : []),
  ]
}

function decideRow({ task: { id } }: LinkedTask): readonly AnyBlock[] {
  const row = [
    button({ id: 'approve_task', text: 'Approve', value: id, style: 'primary', spoken: `Approve ${id}` }),
    button({ id: 'reject_task', text: 'Reject', value: id, style: 'danger', spoken: `Reject ${id}` }),
  ]
  return [actions(row, { blockId: `decide_${id}` })]
}

const healthLine: { readonly [state in KnownHealth['state']]: (since: string) => string } = {
  well: () => '● well',
  missing: (since) => `◐ rights are missing${since}`,
  refused: (since) => `◐ refuses Drawbridge${since}`,
  away: (since) => `○ away${since}`,
  unknown: () => 'not looked at yet',
}

const mostSystems = 20

function systemsPart({ systems, actor }: HomeFacts): readonly AnyBlock[] {
  const lines = systems.slice(0, mostSystems).map(({ system, state, sinceAt }) => {
    const since = sinceAt === undefined ? '' : ` since ${slackDate(sinceAt)}`
    return `${boldForeign(system.id)} · ${healthLine[state](since)}`
  })
  const more = systems.length > mostSystems ? [`And ${systems.length - mostSystems} more.`] : []
  const looked = systems.flatMap(({ lookedAt }) => lookedAt ?? [])
  const [first] = looked.toSorted((a, b) => a.getTime() - b.getTime())
  const isOpen = systems.some(({ state }) => state !== 'well' && state !== 'unknown')
  const help = isOpen && actor.roles.has('owner') ? ' `/iam-systems` says what to do.' : ''
  return [
    divider(),
    header('IAM systems'),
    section(lines.length === 0 ? 'No IAM system is configured yet.' : [...lines, ...more].join('\n')),
    ...(first === undefined ? [] : [context(`Looked at ${slackDate(first)}.${help}`)]),
  ]
}

function localUsersPart(
  { counts, batches }: NonNullable<HomeFacts['localUsers']>,
  now: Date,
): readonly AnyBlock[] {
  const { total, disabled, waiting, expired, groups } = counts
  const some = [
    `*${thousands(total)}* in all`,
    `${thousands(total - disabled)} enabled`,
    `${thousands(disabled)} disabled`,
    `${thousands(waiting)} waiting for enrollment`,
    `${thousands(expired)} with an expired link`,
  ]
  const besides = groups === 1 ? '1 group' : `${thousands(groups)} groups`
  const none = 'There are no local users yet. *Local users* adds the first, or imports many.'
  return [
    divider(),
    header('Local users'),
    section(total === 0 ? none : `${some.join(' · ')}\n${besides} besides *${allLocalUsers}*.`),
    ...batches.map((batch) =>
      section(`*${batchTitle(batch)}*\n${batchLine(batch, now)}`, {
        accessory: button({
          id: `local_batch_details:${batch.id}`,
          text: 'View details',
          value: batch.id,
          spoken: `View details of ${batch.action}`,
        }),
      }),
    ),
  ]
}
