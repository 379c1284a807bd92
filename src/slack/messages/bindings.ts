import type { OutboxMessage } from '#src/outbox/message.ts'
import { actions, button, section } from '#src/slack/block-kit/index.ts'
import type { RenderedMessage } from '#src/slack/messages/task.ts'
import { code, mention } from '#src/slack/text.ts'

/** Asks an owner whether a Slack person and a local user are one. The buttons stay: a link can be taken away later. Pure. */
export function bindingAsked(message: Extract<OutboxMessage, { kind: 'binding_asked' }>): RenderedMessage {
  const { slackUserId, email, requestId } = message
  const text = `${mention(slackUserId)} signed in as the local user ${code(email)} and wants to decide with the codes of that account. Ask them first if you did not expect this.`
  return {
    text,
    blocks: [
      section(text),
      actions([
        button({
          id: 'confirm_binding',
          text: 'Confirm',
          value: requestId,
          style: 'primary',
          spoken: `Link ${email}`,
        }),
        button({
          id: 'remove_binding',
          text: 'Do not link',
          value: requestId,
          spoken: `Do not link ${email}`,
        }),
      ]),
    ],
  }
}
