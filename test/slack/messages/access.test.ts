import { expect, it } from 'vitest'
import type { AccessRule } from '#src/sign-in/access-rules-change.ts'
import { limits } from '#src/slack/block-kit/limits.ts'
import { accessRuleForm, accessView, rulesPerPage } from '#src/slack/messages/local/access.ts'

const filter = { groups: { text: '', page: 0 }, page: 0 }
const hostile = '*<!channel>* & <https://evil.example|click> `x`'
const long = 'x'.repeat(600)
const resources = [{ kind: 'host' as const, id: 'wiki.example.net', name: hostile.slice(0, 100) }]

function rule(fields: Partial<AccessRule>): AccessRule {
  return {
    ...{ id: 'r1', resource: { kind: 'host', id: 'wiki.example.net' }, resourceName: 'Wiki' },
    ...{ who: 'group', name: 'vpn', ...fields },
  }
}

it('shows foreign names as text and within the limits of Slack', () => {
  const rules = [
    rule({ resourceName: hostile, name: hostile }),
    rule({ id: 'r2', name: long, resourceName: long }),
    rule({ id: undefined, who: 'user', name: hostile }),
  ]
  const view = accessView({ filter, rules, resources, group: { name: hostile } })
  const all = accessView({ filter, rules, resources })
  const form = accessRuleForm(filter, resources, { name: hostile })
  for (const one of [view, all, form]) {
    // Labels and choices are plain text, where nothing has a meaning.
    const rich = [...JSON.stringify(one.blocks).matchAll(/"mrkdwn","text":"((?:[^"\\\\]|\\\\.)*)"/g)].map(
      ([, text]) => text,
    )
    expect(rich.length).toBeGreaterThan(0)
    expect(rich.join('\n')).not.toMatch(/<!|<https|`x`/)
    expect(one.blocks.length).toBeLessThanOrEqual(limits.modalBlocks)
  }
})

it('has a page for each fifteen rules, and room for as many in one window', () => {
  const rules = Array.from({ length: 100 }, (_, i) => rule({ id: `r${i}` }))
  const last = Math.ceil(rules.length / rulesPerPage) - 1
  const shown = [0, 1, last].map((page) => {
    const { blocks } = accessView({ filter: { ...filter, page }, rules, resources })
    return JSON.stringify(blocks).match(/access_rule_remove:/g)?.length
  })
  expect(shown).toEqual([15, 15, 10])
})

it('lets a resource be typed where there are more than a menu holds', () => {
  const many = Array.from({ length: limits.selectOptions + 1 }, (_, i) => ({
    ...{ kind: 'client' as const, id: `c${i}`, name: `Client ${i}` },
  }))
  const elements = [many, many.slice(1)].map((some) => {
    const { blocks } = accessRuleForm(filter, some, undefined)
    return JSON.stringify(blocks).includes('static_select')
  })
  expect(elements).toEqual([false, true])
})
