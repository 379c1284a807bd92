import type { AccessRule } from '#src/sign-in/access-rules-change.ts'
import type { ModalView } from '#src/slack/context.ts'
import { accessRuleForm, accessView } from '#src/slack/messages/local/access.ts'
import { hostile } from '#test/helpers/gallery/facts.ts'

const filter = { groups: { text: '', page: 0 }, page: 0 }
const resources = [
  { kind: 'host', id: 'wiki.example.net', name: 'Wiki' },
  { kind: 'client', id: 'grafana', name: 'Grafana' },
] as const

function rule(id: string | undefined, fields: Partial<AccessRule> = {}): AccessRule {
  const resource = { kind: 'host', id: 'wiki.example.net' } as const
  return { id, resource, resourceName: 'Wiki', who: 'group', name: 'vpn', ...fields }
}

const rules = [
  rule(undefined, { who: 'everybody', name: '' }),
  rule('r1'),
  rule('r2', { who: 'user', name: 'ann@corp.example' }),
  rule('r3', { resource: { kind: 'client', id: 'grafana' }, resourceName: 'Grafana', name: hostile }),
  rule('r4', { resource: { kind: 'host', id: 'gone.example.net' }, resourceName: undefined }),
]

/** The windows of access rules. */
export const accessForms: Readonly<Record<string, ModalView>> = {
  'access rules': accessView({ filter, rules, resources }),
  'access rules of a group': accessView({
    filter,
    rules: rules.slice(1, 2),
    resources,
    group: { name: 'vpn' },
  }),
  'access rules none': accessView({ filter, rules: [], resources }),
  'access nothing': accessView({ filter, rules: [], resources: [] }),
  'access rule add': accessRuleForm(filter, resources, undefined),
  'access rule add group': accessRuleForm(filter, resources, { name: 'vpn' }),
}
