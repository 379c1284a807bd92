import type { types } from '@slack/bolt'
import { limits } from '#src/slack/block-kit/limits.ts'
import { cut, mrkdwn, plain, withoutTurns } from '#src/slack/text.ts'

/** A paragraph in mrkdwn (escape foreign parts), with at most one element beside it. */
export function section(
  text: string,
  options: {
    readonly blockId?: string
    readonly accessory?: NonNullable<types.SectionBlock['accessory']>
  } = {},
): types.SectionBlock {
  return {
    type: 'section',
    text: mrkdwn(text, limits.sectionText),
    ...(options.blockId !== undefined && { block_id: options.blockId }),
    ...(options.accessory !== undefined && { accessory: options.accessory }),
  }
}

/** A paragraph in which nothing is markup: for foreign text as it is. */
export function plainSection(text: string): types.SectionBlock {
  return { type: 'section', text: plain(text, limits.sectionText) }
}

/** Up to ten short facts in two columns, in mrkdwn. */
export function fields(texts: readonly string[]): types.SectionBlock {
  return {
    type: 'section',
    fields: texts.slice(0, limits.fields).map((text) => mrkdwn(text, limits.fieldText)),
  }
}

/** A heading; plain text only. */
export function header(text: string): types.HeaderBlock {
  return { type: 'header', text: plain(text, limits.headerText) }
}

/** Small grey lines in mrkdwn, up to ten. */
export function context(...texts: readonly string[]): types.ContextBlock {
  return {
    type: 'context',
    elements: texts.slice(0, limits.contextElements).map((text) => mrkdwn(text, limits.fieldText)),
  }
}

/** A line between things. */
export function divider(): types.DividerBlock {
  return { type: 'divider' }
}

/** A row of buttons, menus and the like: one to 25. Slack refuses an empty row: leave the block out instead. */
export function actions(
  elements: readonly types.ActionsBlock['elements'][number][],
  options: { readonly blockId?: string } = {},
): types.ActionsBlock {
  return {
    type: 'actions',
    elements: elements.slice(0, limits.actionElements),
    ...(options.blockId !== undefined && { block_id: options.blockId }),
  }
}

/** One field of a form. `blockId` is the key of the modal's schema. `dispatch` sends each change as an action. */
export function input(options: {
  readonly blockId: string
  readonly label: string
  readonly element: types.InputBlock['element']
  readonly hint?: string | undefined
  readonly optional?: boolean | undefined
  readonly dispatch?: boolean | undefined
}): types.InputBlock {
  return {
    type: 'input',
    block_id: options.blockId,
    label: plain(options.label, limits.labelText),
    element: options.element,
    ...(options.hint !== undefined && { hint: plain(options.hint, limits.labelText) }),
    ...(options.optional === true && { optional: true }),
    ...(options.dispatch === true && { dispatch_action: true }),
  }
}

/** One line of a plan. Texts are plain; nothing in them is markup. */
export interface PlanLine {
  readonly id: string
  readonly title: string
  readonly status: 'pending' | 'in_progress' | 'complete' | 'error'
  readonly details?: string | undefined
  readonly output?: string | undefined
}

/** A plan of task cards, one per IAM system; at most one plan per message. Falls back to sections where it is not drawn. */
export function plan(title: string, lines: readonly PlanLine[]): types.PlanBlock {
  return {
    type: 'plan',
    title: cut(withoutTurns(title), limits.planTitle),
    tasks: lines.map((line): types.TaskCardBlock => ({
      type: 'task_card',
      task_id: line.id,
      title: cut(withoutTurns(line.title), limits.planTitle),
      status: line.status,
      ...(line.details !== undefined && line.details !== '' && { details: richText(line.details) }),
      ...(line.output !== undefined && line.output !== '' && { output: richText(line.output) }),
    })),
  }
}

/** Plain words as a rich text block. */
export function richText(text: string): types.RichTextBlock {
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [{ type: 'text', text: cut(withoutTurns(text), limits.richText) }],
      },
    ],
  }
}
