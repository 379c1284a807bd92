import {
  actions,
  button,
  context,
  divider,
  input,
  modal,
  section,
  staticSelect,
  textInput,
  usersSelect,
} from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { taskLine } from '#src/slack/messages/answers.ts'
import { actionWords, statusLabel } from '#src/slack/messages/words.ts'
import { code } from '#src/slack/text.ts'
import { actions as allActions, type Task, taskStatuses } from '#src/tasks/task.ts'

/** What is asked for; kept in the window's hidden part, so it is read again with care. */
export interface TaskListFilter {
  readonly text: string
  readonly status: string
  readonly action: string
  /** The id of a system that has a part in the task. */
  readonly system: string
  readonly since: Since | typeof anything
  /** My tasks, everybody's, or those of one person by the Slack id. */
  readonly whose: string
  readonly page: number
}

/** How far back a list goes, in milliseconds. */
export const sinceMs = { day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const
export type Since = keyof typeof sinceMs
const sinceWords: { readonly [since in Since]: string } = {
  day: 'Last 24 hours',
  week: 'Last 7 days',
  month: 'Last 30 days',
}

/** How many tasks stand on a page. */
export const perPage = 10

/** The value of a menu that filters nothing. */
export const anything = 'any'

/** The window of `/tasks`. Pure. */
export function taskListView(facts: {
  readonly filter: TaskListFilter
  readonly rows: readonly { readonly task: Task; readonly url: string | undefined }[]
  readonly total: number
  /** The ids of the IAM systems there are. */
  readonly systems: readonly string[]
  /** Something to say above the list, e.g. that a file is on its way. */
  readonly said?: string | undefined
}): ModalView {
  const { filter, rows, total, said } = facts
  const list: AnyBlock[] = rows.map(({ task, url }) => section(taskLine(task, url)))
  return modal({
    id: 'tasks',
    title: 'Tasks',
    // Slack takes no input without one; some people look for a button rather than for Enter.
    submit: 'Search',
    close: 'Close',
    meta: filter,
    blocks: [
      input({
        blockId: 'search',
        label: 'Search',
        optional: true,
        dispatch: true,
        hint: 'Part of a task id, a person, a requester or a description; press Enter.',
        element: textInput({ id: 'tasks_search', initial: filter.text, maxLength: 200 }),
      }),
      filterRow(filter, facts.systems),
      context(...(said === undefined ? [] : [said]), countSentence(filter, total)),
      divider(),
      ...(list.length === 0 ? [section(emptySentence(filter))] : list),
      ...pageRow(filter, total),
    ],
  })
}

function filterRow(filter: TaskListFilter, systems: readonly string[]): AnyBlock {
  const statuses = taskStatuses.map((value) => ({ value, text: statusLabel[value] }))
  const kinds = allActions.map((value) => ({ value, text: actionWords[value].label }))
  return actions(
    [
      staticSelect({
        id: 'tasks_filter:whose',
        picked: `whose:${filter.whose}`,
        placeholder: 'My tasks, all tasks',
        choices: [
          { value: 'whose:mine', text: 'My tasks' },
          { value: 'whose:all', text: 'All tasks' },
        ],
      }),
      staticSelect({
        id: 'tasks_filter:status',
        picked: `status:${filter.status}`,
        choices: [
          { value: `status:${anything}`, text: 'Any status' },
          ...statuses.map((one) => ({ ...one, value: `status:${one.value}` })),
        ],
      }),
      staticSelect({
        id: 'tasks_filter:action',
        picked: `action:${filter.action}`,
        choices: [
          { value: `action:${anything}`, text: 'Any action' },
          ...kinds.map((one) => ({ ...one, value: `action:${one.value}` })),
        ],
      }),
      staticSelect({
        id: 'tasks_filter:system',
        picked: `system:${filter.system}`,
        choices: [
          { value: `system:${anything}`, text: 'Any IAM system' },
          ...systems.map((id) => ({ value: `system:${id}`, text: id })),
        ],
      }),
      staticSelect({
        id: 'tasks_filter:since',
        picked: `since:${filter.since}`,
        choices: [
          { value: `since:${anything}`, text: 'Any time' },
          ...(['day', 'week', 'month'] as const).map((since) => ({
            value: `since:${since}`,
            text: sinceWords[since],
          })),
        ],
      }),
      usersSelect({
        id: 'tasks_requester',
        placeholder: 'Requested by',
        picked: filter.whose === 'mine' || filter.whose === 'all' ? undefined : filter.whose,
      }),
    ],
    { blockId: 'filters' },
  )
}

function countSentence(filter: TaskListFilter, total: number): string {
  if (total === 0) return 'No tasks.'
  const first = filter.page * perPage + 1
  const last = Math.min(total, first + perPage - 1)
  return `${first} to ${last} of ${total}, newest first.`
}

function emptySentence(filter: TaskListFilter): string {
  if (filter.text !== '') return `No task fits ${code(filter.text)}. Try fewer letters, or *All tasks*.`
  if (filter.whose === 'mine')
    return 'You have not asked for anything like this yet. *All tasks* shows everybody’s; `/disable-user` makes one.'
  return 'Nothing like this yet. `/disable-user` makes the first task.'
}

function pageRow(filter: TaskListFilter, total: number): AnyBlock[] {
  const newer =
    filter.page > 0 ? [button({ id: 'tasks_page:newer', text: 'Newer', value: String(filter.page - 1) })] : []
  const older =
    (filter.page + 1) * perPage < total
      ? [button({ id: 'tasks_page:older', text: 'Older', value: String(filter.page + 1) })]
      : []
  const file = total > 0 ? [button({ id: 'tasks_export', text: 'Export CSV' })] : []
  const buttons = [...newer, ...older, ...file]
  return buttons.length === 0 ? [] : [actions(buttons, { blockId: 'pages' })]
}
