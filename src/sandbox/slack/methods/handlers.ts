import { chatMethods } from '#src/sandbox/slack/methods/chat.ts'
import { conversationMethods } from '#src/sandbox/slack/methods/conversations.ts'
import { fileMethods } from '#src/sandbox/slack/methods/files.ts'
import type { Handler } from '#src/sandbox/slack/methods/method.ts'
import { peopleMethods } from '#src/sandbox/slack/methods/people.ts'
import { viewMethods } from '#src/sandbox/slack/methods/views.ts'

/** What every served method does; the names are those of `methodFacts`. `apps.connections.open` needs the sockets. */
export function createHandlers(ticketUrl: () => string): Readonly<Record<string, Handler>> {
  return {
    'api.test': (_world, args) => ({ args }),
    'apps.connections.open': () => ({ url: ticketUrl() }),
    ...chatMethods,
    ...viewMethods,
    ...peopleMethods,
    ...conversationMethods,
    ...fileMethods,
  }
}
