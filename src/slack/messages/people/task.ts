import { context, section } from '#src/slack/block-kit/index.ts'
import { bar, pace, thousands } from '#src/slack/messages/people/bar.ts'
import { aboutLine, buttonRow, type RenderedMessage, statusLines, title } from '#src/slack/messages/task.ts'
import { actionWords, statusEmoji, statusLabel } from '#src/slack/messages/words.ts'
import { boldForeign, cut, cutMrkdwn, escapeMrkdwn, mention } from '#src/slack/text.ts'
import type { PeopleCard } from '#src/tasks/people/show-people.ts'
import type { TaskCard } from '#src/tasks/show.ts'
import { isFinished } from '#src/tasks/task.ts'

/** The message of a task about several people: counts and a bar in the place of a line for each account. Pure. */
export function peopleMessage(card: TaskCard, people: PeopleCard): RenderedMessage {
  const { task } = card
  const head = `${statusEmoji[task.status]} ${boldForeign(title(task))} — ${statusLabel[task.status]}`
  const about = context([aboutLine(card), ...statusLines(card)].join('\n'))
  const buttons = buttonRow(card)
  const lines = [...progressLines(card, people), whoLine(people)]
  return {
    text: spoken(card, people),
    blocks: [
      section(head),
      about,
      section(cutMrkdwn(lines.join('\n'), 2_900)),
      ...(buttons === undefined ? [] : [buttons]),
    ],
  }
}

function spoken(card: TaskCard, people: PeopleCard): string {
  const { task } = card
  const head = `${statusEmoji[task.status]} ${title(task)}: ${statusLabel[task.status]}.`
  const asked = `Requested by ${mention(task.requesterId)}.`
  return cut(`${escapeMrkdwn(head)} ${asked} ${escapeMrkdwn(resultWords(card, people))}`, 2_000)
}

function progressLines(card: TaskCard, people: PeopleCard): readonly string[] {
  const { task } = card
  const words = resultWords(card, people)
  if (task.startedAt === null && task.status === 'in_progress')
    return [`${bar(people.checked, people.people)} · ${words}`]
  if (task.startedAt === null) return [words]
  const done = people.people - (people.byStatus.in_progress ?? 0)
  if (done === people.people) return [words]
  const ms = (people.lastAt ?? task.startedAt).getTime() - task.startedAt.getTime()
  return [`${bar(done, people.people)} · ${words}${pace(done, people.people, ms)}`]
}

/** How it stands, in numbers. Plain. */
function resultWords(card: TaskCard, people: PeopleCard): string {
  const { task } = card
  const { byStatus } = people
  if (task.startedAt === null)
    return isFinished(task.status) || task.status === 'pending_approval'
      ? `${count(people.people, 'person', 'people')}, ${count(people.accounts, 'account', 'accounts')}`
      : `Looking again before the first change: ${thousands(people.checked)} of ${thousands(people.people)}`
  const done = people.people - (byStatus.in_progress ?? 0)
  const parts = [
    ...(byStatus.unsuccessful === undefined ? [] : [`${thousands(byStatus.unsuccessful)} failed`]),
    ...(byStatus.partially_successful === undefined
      ? []
      : [`${thousands(byStatus.partially_successful)} in part`]),
  ]
  if (done < people.people) return [`${thousands(done)} of ${thousands(people.people)}`, ...parts].join(' · ')
  const good = `${actionWords[task.action].done}: ${thousands(byStatus.successful ?? 0)} of ${count(people.people, 'person', 'people')}`
  return [good, ...parts].join(' · ')
}

function whoLine(people: PeopleCard): string {
  const systems = people.systems.map(
    ({ systemId, accounts }) => `*${escapeMrkdwn(systemId)}* ${thousands(accounts)}`,
  )
  const left =
    people.leftOut === 0
      ? []
      : [`${thousands(people.leftOut)} on the list left out: the file of results says why`]
  return [namesWords(people), systems.join(', '), ...left].filter((part) => part !== '').join('\n')
}

/** The first names, and how many more there are. Mrkdwn. */
export function namesWords({ names, people }: Pick<PeopleCard, 'names' | 'people'>): string {
  const more = people - names.length
  const shown = names.map((name) => escapeMrkdwn(cut(name, 60))).join(', ')
  return more > 0 ? `${shown} and ${thousands(more)} more` : shown
}

function count(n: number, one: string, many: string): string {
  return `${thousands(n)} ${n === 1 ? one : many}`
}
