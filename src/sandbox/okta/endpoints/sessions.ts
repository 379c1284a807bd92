import type { Endpoint } from '#src/sandbox/okta/endpoints/endpoint.ts'
import { change, personById } from '#src/sandbox/okta/people.ts'
import { must } from '#src/sandbox/okta/rights.ts'

/** Ending sessions. There is no way to look at them. */
export const sessionEndpoints: readonly Endpoint[] = [
  {
    method: 'DELETE',
    path: '/api/v1/users/{userId}/sessions',
    scope: 'okta.users.manage',
    bucket: '/api/v1/users/{id}/lifecycle',
    query: { oauthTokens: { type: 'boolean' }, forgetDevices: { type: 'boolean' } },
    handle: ({ world, caller, params, query }) => {
      // A login is not taken here.
      const person = personById(world, params['userId'] ?? '')
      must(world, caller, 'okta.users.lifecycle.clearSessions', person)
      change(world, person.id, {
        sessions: [],
        ...(query.get('oauthTokens') === 'true' && { oauthTokens: [] }),
        ...(query.get('forgetDevices') !== 'false' && { devicesRemembered: false }),
      })
      return { status: 204 }
    },
  },
]
