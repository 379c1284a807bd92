/**
 * Every Web API method that Drawbridge calls, with the bot scopes it needs here (facts: docs.slack.dev reference). The
 * manifest asks for the scopes of these and no more; `call` takes no other method, and a test finds the unused ones.
 */
export const methodScopes = {
  'auth.test': [],
  'views.open': [],
  'views.push': [],
  'views.update': [],
  'views.publish': [],
  'users.info': ['users:read', 'users:read.email'],
  'usergroups.users.list': ['usergroups:read'],
  'chat.postMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.getPermalink': [],
  'files.info': ['files:read'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
} as const satisfies { readonly [method: string]: readonly string[] }

export type SlackMethod = keyof typeof methodScopes
