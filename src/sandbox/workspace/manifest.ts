import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { SlackOptions } from '#src/sandbox/slack/index.ts'

const Manifest = z.object({
  features: z.object({
    slash_commands: z.array(
      z.object({
        command: z.string(),
        description: z.string(),
        usage_hint: z.string().prefault(''),
        should_escape: z.boolean(),
      }),
    ),
    shortcuts: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['message', 'global']),
        callback_id: z.string(),
        description: z.string(),
      }),
    ),
  }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }) }),
})

/** What the app registers with Slack, as its manifest says. */
export interface AppManifest {
  readonly commands: readonly { readonly name: string; readonly description: string; readonly hint: string }[]
  readonly shortcuts: readonly {
    readonly id: string
    readonly name: string
    readonly place: 'message' | 'global'
    readonly description: string
  }[]
  /** For `startSlack`: commands, shortcuts and events that are not in the manifest do not exist. */
  readonly slackOptions: Pick<SlackOptions, 'commands' | 'shortcuts' | 'events'>
}

/** Reads manifests/slack/socket.json. Throws when it is not there or no manifest. */
export function readManifest(): AppManifest {
  const file = new URL('../../../manifests/slack/socket.json', import.meta.url)
  const { features, settings } = Manifest.parse(JSON.parse(readFileSync(file, 'utf8')))
  const shortcuts = features.shortcuts.map(({ callback_id: id, type, name, description }) => ({
    id,
    name,
    description,
    place: type,
  }))
  return {
    commands: features.slash_commands.map(({ command, description, usage_hint: hint }) => ({
      name: command,
      description,
      hint,
    })),
    shortcuts,
    slackOptions: {
      commands: features.slash_commands.map(({ command, should_escape }) => ({
        name: command,
        shouldEscape: should_escape,
      })),
      shortcuts: shortcuts.map(({ id, place }) => ({ id, place })),
      events: settings.event_subscriptions.bot_events,
    },
  }
}
