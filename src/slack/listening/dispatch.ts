import type { App } from '@slack/bolt'
import type { z } from 'zod'
import type { Listener } from '#src/slack/define.ts'
import { runAction } from '#src/slack/listening/action.ts'
import { runCommand, runUnknownCommand } from '#src/slack/listening/command.ts'
import { acknowledge, type Edge } from '#src/slack/listening/edge.ts'
import { runEvent } from '#src/slack/listening/event.ts'
import { runSubmission } from '#src/slack/listening/modal.ts'
import { runShortcut } from '#src/slack/listening/shortcut.ts'
import {
  BlockActions,
  EventCallback,
  ShortcutUse,
  SlashCommand,
  ViewSubmission,
} from '#src/slack/listening/payloads.ts'

/**
 * Connects the listeners to Bolt: one handler per kind of payload, which picks the listener by its id, so that no two
 * ever run for one click. What nobody handles is acknowledged and answered too. Throws when an id is taken twice.
 */
export function listen<S>(app: App, edge: Edge<S>, listeners: readonly Listener<S>[]): void {
  const commands = byId(
    listeners.filter((one) => one.kind === 'command').map((one) => [one.name, one] as const),
  )
  const modals = byId(listeners.filter((one) => one.kind === 'modal').map((one) => [one.id, one] as const))
  const actions = byId(listeners.filter((one) => one.kind === 'action').map((one) => [one.id, one] as const))
  const shortcuts = byId(
    listeners.filter((one) => one.kind === 'shortcut').map((one) => [one.id, one] as const),
  )
  const events = byId(listeners.filter((one) => one.kind === 'event').map((one) => [one.name, one] as const))

  app.command(/.*/su, async ({ body, ack }) => {
    const read = readBody(edge, SlashCommand, body)
    if (read === undefined) return acknowledge(edge, () => ack())
    const listener = commands.get(read.command)
    if (listener === undefined) return runUnknownCommand(edge, read, () => ack())
    await runCommand(edge, listener, read, () => ack())
  })
  app.view(/.*/su, async ({ body, ack }) => {
    const read = readBody(edge, ViewSubmission, body)
    if (read === undefined) return acknowledge(edge, () => ack())
    await runSubmission(edge, modals.get(read.view.callback_id), read, (response) =>
      response === undefined ? ack() : ack(response),
    )
  })
  app.action({ type: 'block_actions' }, async ({ body, ack }) => {
    const read = readBody(edge, BlockActions, body)
    if (read === undefined) return acknowledge(edge, () => ack())
    const [name] = read.actions[0].action_id.split(':')
    await runAction(edge, actions.get(name ?? ''), read, () => ack())
  })
  app.shortcut(/.*/su, async ({ body, ack }) => {
    const read = readBody(edge, ShortcutUse, body)
    if (read === undefined) return acknowledge(edge, () => ack())
    await runShortcut(edge, shortcuts.get(read.callback_id), read, () => ack())
  })
  for (const listener of events.values())
    app.event(listener.name, async ({ body }) => {
      const read = readBody(edge, EventCallback, body)
      if (read !== undefined) await runEvent(edge, listener, read)
    })
}

function byId<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const map = new Map(entries)
  if (map.size === entries.length) return map
  const ids = entries.map(([id]) => id)
  throw new Error(`taken twice: ${ids.filter((id, index) => ids.indexOf(id) !== index).join(', ')}`)
}

// A payload that does not read is Slack's change or our bug: the person is told by Slack itself that nothing came.
function readBody<T>(edge: Edge<unknown>, schema: z.ZodType<T>, body: unknown): T | undefined {
  const read = schema.safeParse(body)
  if (!read.success) edge.log.error({ issues: read.error.issues }, 'A payload of Slack could not be read')
  return read.success ? read.data : undefined
}
