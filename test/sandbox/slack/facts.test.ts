import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { object, strings } from '#src/sandbox/json.ts'
import { methodFacts, words } from '#src/sandbox/slack/methods/facts.ts'
import { createHandlers } from '#src/sandbox/slack/methods/handlers.ts'

const reference = new URL('../../../../shared/data/slack-methods.json', import.meta.url)

test.skipIf(!existsSync(reference))(
  'the facts of every served method are those of the method reference',
  () => {
    const published = object(JSON.parse(readFileSync(reference, 'utf8')))
    for (const [name, facts] of Object.entries(methodFacts)) {
      const method = object(published[name])
      expect({
        name,
        tier: facts.tier,
        http: facts.http,
        scopes: words(facts.scopes).toSorted(),
        required: words(facts.required).toSorted(),
        args: words(facts.args).toSorted(),
        errors: words(facts.errors).toSorted(),
      }).toEqual({
        name,
        tier: method['tier'],
        http: method['http'],
        scopes: strings(method['scope']).toSorted(),
        required: strings(method['req']).toSorted(),
        args: strings(method['args']).toSorted(),
        errors: strings(method['errors']).toSorted(),
      })
    }
  },
)

test('each method with facts is served and each served method has facts', () => {
  const served = Object.keys(createHandlers(() => ''))
  expect(served.toSorted()).toEqual(Object.keys(methodFacts).toSorted())
})
