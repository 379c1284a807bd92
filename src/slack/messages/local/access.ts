import type { NamedResource } from '#src/sign-in/access-rules.ts'
import type { AccessRule } from '#src/sign-in/access-rules-change.ts'
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
} from '#src/slack/block-kit/index.ts'
import { limits } from '#src/slack/block-kit/limits.ts'
import type { AnyBlock, ModalView } from '#src/slack/context.ts'
import type { GroupsFilter } from '#src/slack/messages/local/groups.ts'
import { boldForeign, code } from '#src/slack/text.ts'

/** What the window of access rules shows; kept in its hidden part. */
export interface AccessFilter {
  /** The list of groups to go back to. */
  readonly groups: GroupsFilter
  /** Rules of one group only. */
  readonly groupId?: string | undefined
  readonly page: number
}

/** How many rules a window shows. */
export const rulesPerPage = 15

const nothingConfigured =
  'There is nothing to reach yet: the configuration has no protected hosts and no OpenID clients. An owner of Drawbridge can add them.'

/** The window of access rules. Pure. */
export function accessView(facts: {
  readonly filter: AccessFilter
  readonly rules: readonly AccessRule[]
  readonly resources: readonly NamedResource[]
  readonly group?: { readonly name: string } | undefined
  readonly said?: string | undefined
}): ModalView {
  const { filter, rules, resources, group, said } = facts
  const from = filter.page * rulesPerPage
  const shown = rules.slice(from, from + rulesPerPage)
  const add = button({ id: 'access_rule_add', text: 'Add a rule', style: 'primary' })
  const back = button({ id: 'access_rules_back', text: 'Groups' })
  return modal({
    id: 'access_rules',
    title: 'Access rules',
    close: 'Close',
    meta: filter,
    blocks: [
      ...(said === undefined ? [] : [section(said)]),
      section(
        group === undefined
          ? 'Who may reach what by signing in. Where no rule names anybody, nobody enters.'
          : `What ${boldForeign(group.name.slice(0, 200))} may reach. Rules for all local users or for one person are not here.`,
      ),
      actions(resources.length === 0 ? [back] : [add, back], { blockId: 'deeds' }),
      ...(resources.length === 0 ? [section(nothingConfigured)] : []),
      divider(),
      ...shown.map((rule) => ruleBlock(rule, group === undefined)),
      ...(rules.length === 0 ? [section('No rules yet.')] : []),
      ...pageRow(filter.page, from + shown.length, rules.length),
    ],
  })
}

function ruleBlock(rule: AccessRule, withWho: boolean): AnyBlock {
  const { id, resource, resourceName } = rule
  const kind = resource.kind === 'host' ? 'host' : 'OpenID client'
  const what = `${boldForeign((resourceName ?? resource.id).slice(0, 200))} · ${kind} ${code(resource.id)}`
  const lines = [
    what,
    ...(withWho ? [whoWords(rule)] : []),
    ...(id === undefined ? ['_Set in the configuration; only its file changes it._'] : []),
    ...(resourceName === undefined ? ['_The configuration has it no longer: nobody gets in._'] : []),
  ]
  if (id === undefined) return section(lines.join('\n'))
  return section(lines.join('\n'), {
    accessory: button({
      id: `access_rule_remove:${id}`,
      text: 'Remove',
      value: id,
      spoken: `Remove the rule for ${resourceName ?? resource.id}`,
      confirm: {
        title: 'Remove this rule?',
        text: 'Whom no other rule lets in is refused at their next request.',
        yes: 'Remove',
        no: 'Keep',
        danger: true,
      },
    }),
  })
}

function whoWords({ who, name }: AccessRule): string {
  switch (who) {
    case 'everybody':
      return 'for *All local users*'
    case 'group':
      return `for the group ${boldForeign(name.slice(0, 200))}`
    case 'user':
      return `for ${code(name)}`
  }
}

function pageRow(page: number, until: number, total: number): AnyBlock[] {
  const buttons = [
    ...(page > 0 ? [button({ id: 'access_rules_page:back', text: 'Back', value: String(page - 1) })] : []),
    ...(until < total
      ? [button({ id: 'access_rules_page:next', text: 'Next', value: String(page + 1) })]
      : []),
  ]
  return buttons.length === 0
    ? []
    : [context(`${page * rulesPerPage + 1} to ${until} of ${total}.`), actions(buttons, { blockId: 'pages' })]
}

/** The form that adds a rule; for one group where one is given. Pure. */
export function accessRuleForm(
  filter: AccessFilter,
  resources: readonly NamedResource[],
  group: { readonly name: string } | undefined,
): ModalView {
  const nameOf = ({ kind, name, id }: NamedResource) =>
    `${name === id ? '' : `${name} · `}${kind === 'host' ? 'host' : 'OpenID client'} ${id}`
  const choices = resources.map((one) => ({ value: `${one.kind}:${one.id}`, text: nameOf(one) }))
  const isMany = choices.length > limits.selectOptions
  return modal({
    id: 'access_rule',
    title: 'Add a rule',
    submit: 'Add',
    close: 'Close',
    meta: filter,
    blocks: [
      ...(group === undefined
        ? []
        : [section(`For everybody in ${boldForeign(group.name.slice(0, 200))}, now and later.`)]),
      input({
        blockId: 'resource',
        label: 'May reach',
        hint: isMany ? 'As in the configuration: host:NAME or client:ID.' : undefined,
        element: isMany
          ? textInput({ id: 'resource', maxLength: 300 })
          : staticSelect({ id: 'resource', choices, placeholder: 'A host or an OpenID client' }),
      }),
      ...(group === undefined
        ? [
            input({
              blockId: 'who',
              label: 'Who',
              hint: 'The name of a group, the address of a local user, or: all local users.',
              element: textInput({ id: 'who', maxLength: 600 }),
            }),
          ]
        : []),
    ],
  })
}
