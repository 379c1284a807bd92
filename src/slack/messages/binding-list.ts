import type { ApproverLink } from '#src/sign-in/binding-list.ts'
import { actions, button, context, divider, modal, notice, section } from '#src/slack/block-kit/index.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import { code, mention, slackDate } from '#src/slack/text.ts'

const title = 'Linked approvers'

/** How many people a window shows. */
export const bindingsPerPage = 30

/** The window while it is looked up who the approvers are. Pure. */
export function lookingAtBindings(): ModalView {
  return notice(title, 'Looking up who the approvers are …')
}

/** The window of linked approvers: who can show a one-time code when they decide, and who cannot. Pure. */
export function bindingsView(facts: {
  readonly links: readonly ApproverLink[]
  /** Whether any action asks for codes. */
  readonly isAsked: boolean
  readonly page: number
  readonly said?: string | undefined
}): ModalView {
  const { links, isAsked, page, said } = facts
  const from = page * bindingsPerPage
  const shown = links.slice(from, from + bindingsPerPage)
  return modal({
    id: 'bindings',
    title,
    close: 'Close',
    meta: { page },
    blocks: [
      ...(said === undefined ? [] : [section(said)]),
      section(headline(links)),
      context(
        isAsked
          ? 'Who is not linked gets a link in a direct message as soon as they press *Approve* or *Reject* where a code is asked.'
          : 'No action asks for codes now: `approval.ACTION.step_up` in the configuration does.',
      ),
      divider(),
      ...shown.map(linkBlock),
      ...pageRow(page, from + shown.length, links.length),
    ],
  })
}

function headline(links: readonly ApproverLink[]): string {
  const approvers = links.filter(({ isApprover }) => isApprover)
  const able = approvers.filter((one) => one.kind === 'linked' && one.problem === undefined).length
  if (approvers.length === 0) return 'Nobody holds the role approver now.'
  const all = approvers.length === 1 ? '1 approver' : `${approvers.length} approvers`
  return `*${able} of ${all}* can show a one-time code of their local user when they decide.`
}

function linkBlock(link: ApproverLink): AnyBlock {
  const who = `${mention(link.slackUserId)}${link.isApprover ? '' : ' · no approver now'}`
  switch (link.kind) {
    case 'none':
      return section(`${who}\nNot linked.`)
    case 'asked':
      return section(
        `${who}\nSigned in as ${code(link.email)} ${slackDate(link.askedAt)}, and waits for *Confirm* in an owner’s direct messages.`,
        { accessory: unlink(link, 'Do not link', 'Their request is put away. They are told.') },
      )
    case 'linked':
      return section(
        [
          who,
          `Linked to ${code(link.email)} · confirmed by ${mention(link.confirmedBy)} ${slackDate(link.confirmedAt)}`,
          ...(link.problem === undefined ? [] : [problemWords[link.problem]]),
        ].join('\n'),
        {
          accessory: unlink(link, 'Unlink', 'They decide nothing more where a code is asked. They are told.'),
        },
      )
  }
}

const problemWords = {
  disabled: '⚠️ The local user is disabled, so no code of theirs counts.',
  no_app: '⚠️ The local user has no authenticator app now, so they can show no code.',
} as const

function unlink(link: { readonly requestId: string; readonly email: string }, text: string, what: string) {
  return button({
    id: `binding_unlink:${link.requestId}`,
    text,
    value: link.requestId,
    spoken: `${text}: ${link.email}`,
    confirm: { title: `${text}?`, text: what, yes: text, no: 'Keep', danger: true },
  })
}

function pageRow(page: number, until: number, total: number): AnyBlock[] {
  const buttons = [
    ...(page > 0 ? [button({ id: 'bindings_page:back', text: 'Back', value: String(page - 1) })] : []),
    ...(until < total ? [button({ id: 'bindings_page:next', text: 'Next', value: String(page + 1) })] : []),
  ]
  return buttons.length === 0
    ? []
    : [
        context(`${page * bindingsPerPage + 1} to ${until} of ${total}.`),
        actions(buttons, { blockId: 'pages' }),
      ]
}
