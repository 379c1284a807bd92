import { checkboxes, input, staticSelect, textInput } from '#src/slack/block-kit/index.ts'
import type { AnyBlock } from '#src/slack/context.ts'
import { durationWords } from '#src/slack/messages/words.ts'
import { longestDescription } from '#src/tasks/request.ts'
import { type Action, offeredLengthsMs } from '#src/tasks/task.ts'

/** What a Disable's form asks beside the accounts, as the person left it. */
export interface DisableChoices {
  /** How long the accounts stay disabled, in milliseconds; undefined for no end. */
  readonly endsAfterMs: number | undefined
  readonly endSessions: boolean
}

/** What a new form says. */
export const usualChoices: DisableChoices = { endsAfterMs: undefined, endSessions: true }

const noEnd = 'none'

/** What the form of an action asks beside whom it is about, whether that is one person or many. Pure. */
export function taskInputs(
  action: Action,
  said: { readonly description: string; readonly choices: DisableChoices },
): readonly AnyBlock[] {
  const { description, choices } = said
  return [descriptionBlock(description), ...(action === 'disable_account' ? choiceBlocks(choices) : [])]
}

function descriptionBlock(initial: string): AnyBlock {
  return input({
    blockId: 'description',
    label: 'Description',
    optional: true,
    hint: 'Why, for the approvers and the record.',
    element: textInput({ id: 'description', initial, multiline: true, maxLength: longestDescription }),
  })
}

function choiceBlocks({ endsAfterMs, endSessions }: DisableChoices): readonly AnyBlock[] {
  return [
    input({
      blockId: 'ends',
      label: 'Disable until',
      hint: 'Counted from the moment it runs. Before the end the thread reminds; then the accounts are enabled again.',
      element: staticSelect({
        id: 'ends',
        choices: [
          { value: noEnd, text: 'No end' },
          ...offeredLengthsMs.map((ms) => ({ value: `${ms}`, text: `${durationWords(ms)} later` })),
        ],
        picked: endsAfterMs === undefined ? noEnd : `${endsAfterMs}`,
      }),
    }),
    input({
      blockId: 'sessions',
      label: 'Sessions',
      optional: true,
      element: checkboxes({
        id: 'sessions',
        choices: [{ value: 'end', text: 'Also end sessions' }],
        ticked: endSessions ? ['end'] : [],
      }),
    }),
  ]
}

/** What a submitted or half-filled form of a Disable says; for other forms what a new one would say. */
export function readChoices(values: {
  readonly ends?: string | undefined
  readonly sessions?: readonly string[] | undefined
}): DisableChoices {
  const endsAfterMs = values.ends === undefined || values.ends === noEnd ? undefined : Number(values.ends)
  return { endsAfterMs, endSessions: values.sessions?.includes('end') ?? usualChoices.endSessions }
}

/** The confirmation that every Enable needs. */
export function safeBlock(words: { readonly question: string; readonly answer: string }): AnyBlock {
  return input({
    blockId: 'safe',
    label: words.question,
    element: checkboxes({ id: 'safe', choices: [{ value: 'verified', text: words.answer }] }),
  })
}

/** Whether the confirmation was ticked. */
export function readSafe(values: { readonly safe?: readonly string[] | undefined }): boolean {
  return values.safe?.includes('verified') ?? false
}
