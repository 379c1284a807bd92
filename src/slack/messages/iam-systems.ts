import type { SystemHealth } from '#src/iam/doctor.ts'
import { healthWords, type Pen } from '#src/iam/doctor-words.ts'
import { actions, button, context, divider, modal, notice, section } from '#src/slack/block-kit/index.ts'
import { limits } from '#src/slack/block-kit/limits.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { boldForeign, escapeMrkdwn, slackDate } from '#src/slack/text.ts'

const title = 'IAM systems'

/** The window while the systems are looked at. Pure. */
export function lookingAtSystems(): ModalView {
  return notice(
    title,
    'Looking at every IAM system: sign-in, rights, clock, certificate. Nothing is changed …',
  )
}

const pen: Pen = { moment: (at) => slackDate(at, 'date'), foreign: escapeMrkdwn }
/** How many sentences a system gets before the rest is left to the command line. */
const mostSentences = 12

/**
 * The window of `/iam-systems`: each system in a few lines, the ones that need somebody first; with the way to linked
 * approvers where there are sign-in pages. Pure.
 */
export function systemsView(healths: readonly SystemHealth[], lookedAt: Date, hasSignIn = false): ModalView {
  const order = ['away', 'refused', 'missing', 'well'] as const
  const sorted = healths.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
  const blocks = sorted.flatMap(systemBlocks)
  const first: AnyBlock = section(headline(healths))
  const last: AnyBlock = context(
    `Looked at ${slackDate(lookedAt)}. Nothing was changed. \`npm run drawbridge -- doctor\` shows the same on the command line.`,
  )
  const again = actions([
    button({ id: 'iam_systems_again', text: 'Look again' }),
    ...(hasSignIn ? [button({ id: 'bindings_show', text: 'Linked approvers' })] : []),
  ])
  const room = limits.modalBlocks - 3
  return modal({ id: 'iam_systems', title, blocks: [first, ...blocks.slice(0, room), last, again] })
}

function headline(healths: readonly SystemHealth[]): string {
  const open = healths.filter(({ state }) => state !== 'well').length
  if (healths.length === 0)
    return 'No IAM system is configured yet. An entry under `iam_systems` makes the first.'
  if (open === 0)
    return healths.length === 1 ? 'The IAM system is well.' : `All ${healths.length} IAM systems are well.`
  return `*${open} of ${healths.length}* IAM systems ${open === 1 ? 'needs' : 'need'} somebody.`
}

function systemBlocks(health: SystemHealth): readonly AnyBlock[] {
  const { mark, kind, summary, connection, toDo, granted } = healthWords(health, pen)
  const sentences = toDo.slice(0, mostSentences).map((sentence) => `• ${sentence}`)
  const more = toDo.length > mostSentences ? [`… and ${toDo.length - mostSentences} more.`] : []
  const head = `${mark} ${boldForeign(health.system.id)} · ${kind} · ${summary}`
  const small = [
    ...(connection.length === 0 ? [] : [connection.join(' · ')]),
    ...(granted.length === 0 ? [] : [`✔ ${granted.join(' · ')}`]),
  ]
  return [
    divider(),
    section([head, ...sentences, ...more].join('\n')),
    ...(small.length === 0 ? [] : [context(...small)]),
  ]
}
