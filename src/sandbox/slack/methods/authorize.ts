import { words } from '#src/sandbox/slack/methods/facts.ts'
import { Refusal, type MethodFacts } from '#src/sandbox/slack/methods/method.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** Refuses a call whose token is missing, unknown, revoked, of the wrong type or without one of the method's scopes. */
export function authorize(world: World, method: string, facts: MethodFacts, token: string | undefined): void {
  if (method === 'api.test') return
  if (token === undefined) throw new Refusal('not_authed')
  const { appToken, botToken } = world.app
  if (token !== appToken && token !== botToken) throw new Refusal('invalid_auth')
  const revoked = world.settings.revoked.get(token)
  if (revoked !== undefined) throw new Refusal(revoked)
  const wanted = method === 'apps.connections.open' ? appToken : botToken
  if (token !== wanted) throw new Refusal('not_allowed_token_type')
  if (method === 'apps.connections.open' && !world.settings.appScopes.has('connections:write'))
    throw new Refusal('missing_scope', {
      needed: 'connections:write',
      provided: [...world.settings.appScopes].join(','),
    })
  mustHaveScope(world, words(facts.scopes))
}

/** Refuses with `missing_scope` unless the bot has one of the scopes (or none is needed). */
export function mustHaveScope(world: World, scopes: readonly string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => world.scopes.has(scope))) return
  throw new Refusal('missing_scope', { needed: scopes.join(','), provided: [...world.scopes].join(',') })
}
