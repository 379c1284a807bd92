import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { neededScopes } from '#src/slack/scopes.ts'

test('SECURITY.md says what each Slack scope is for, and names no other', () => {
  const section = /## Slack scopes\n([\s\S]*?)\n## /.exec(readFileSync('SECURITY.md', 'utf8'))?.[1] ?? ''
  const explained = [...section.matchAll(/^\| `([\w:.]+)` +\| +\S/gm)].map(([, scope = '']) => scope)
  expect(explained.toSorted()).toEqual([...neededScopes()])
  expect(section).toContain('`connections:write`')
})
