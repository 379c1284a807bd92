import { actions, button } from '#src/slack/block-kit/index.ts'
import type { AnyBlock } from '#src/slack/context.ts'
import { thousands } from '#src/slack/messages/people/bar.ts'

/** How many stand on a page. */
export const perPage = 10

/** A page of a list; `total` is undefined when more follow that nobody has counted. */
export interface PageFacts {
  readonly page: number
  readonly rows: readonly { readonly id: string }[]
  readonly total: number | undefined
}

/** Which of all stand on this page: `11 to 20 of 4,711`. Pure. */
export function rangeOf(page: number, count: number, total: number | undefined): string {
  const first = page * perPage + 1
  const range = `${thousands(first)} to ${thousands(first + Math.max(1, count) - 1)}`
  return total === undefined ? `${range}, and more` : `${range} of ${thousands(total)}`
}

/**
 * **Back** and **Next**, where there is anything before or after. A button says which page and beside which row it begins,
 * so that a page far behind is found as fast as the first. Pure.
 */
export function pageRow(id: string, { page, rows, total }: PageFacts): AnyBlock[] {
  const buttons = [
    ...(page > 0 ? [stepButton(id, 'back', page - 1, rows[0]?.id)] : []),
    ...(total === undefined || (page + 1) * perPage < total
      ? [stepButton(id, 'next', page + 1, rows.at(-1)?.id)]
      : []),
  ]
  return buttons.length === 0 ? [] : [actions(buttons, { blockId: 'pages' })]
}

function stepButton(id: string, step: 'back' | 'next', page: number, beside: string | undefined) {
  const [text, side] = step === 'back' ? ['Back', 'before'] : ['Next', 'after']
  const value = page === 0 || beside === undefined ? String(page) : `${page}:${side}:${beside}`
  return button({ id: `${id}:${step}`, text, value })
}
