import type { CommandFacts, Listener, ShortcutFacts } from '#src/slack/define.ts'
import { neededScopes } from '#src/slack/scopes.ts'

export type SlackMode = 'socket' | 'http'

// In HTTP mode the person who installs the app puts their own address in its place.
const requestUrl = 'https://drawbridge.example.com/slack/events'

const longDescription = [
  'A responder types /disable-user; an approver presses a button; the account is disabled in every identity system',
  'that knows the person, and each result is read back and reported in a thread that on-call staff can follow.',
  'Later the account is enabled again from the same task, exactly as it was before.',
].join(' ')

/** The app's manifest (schema 2) for one mode: the commands, shortcuts and events, the least scopes, nothing else. Pure. */
export function slackManifest(
  mode: SlackMode,
  commands: readonly CommandFacts[],
  shortcuts: readonly ShortcutFacts[] = [],
  events: readonly string[] = [],
) {
  const url = mode === 'http' ? { request_url: requestUrl } : {}
  return {
    _metadata: { major_version: 2 },
    display_information: {
      name: 'Drawbridge',
      description: 'Disable and enable user accounts in every identity system at once',
      long_description: longDescription,
      background_color: '#22304a',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'drawbridge', always_online: false },
      ...(shortcuts.length > 0 && {
        shortcuts: shortcuts.map(({ id, place, name, description }) => ({
          ...{ name, type: place, callback_id: id, description },
        })),
      }),
      slash_commands: commands.map((command) => ({
        command: command.name,
        ...(mode === 'http' && { url: requestUrl }),
        description: command.description,
        ...(command.usageHint !== '' && { usage_hint: command.usageHint }),
        should_escape: true,
      })),
    },
    oauth_config: { scopes: { bot: neededScopes() } },
    settings: {
      ...(events.length > 0 && { event_subscriptions: { ...url, bot_events: events } }),
      interactivity: { is_enabled: true, ...url },
      org_deploy_enabled: false,
      socket_mode_enabled: mode === 'socket',
      token_rotation_enabled: false,
    },
  }
}

/** The files of `npm run manifests`, by path from the repository's root. */
export function manifestFiles(listeners: readonly Listener<never>[]) {
  const commands = listeners.filter((one) => one.kind === 'command')
  const shortcuts = listeners.filter((one) => one.kind === 'shortcut')
  const events = listeners.flatMap((one) => (one.kind === 'event' ? [one.name] : []))
  return (['socket', 'http'] as const).map((mode) => ({
    path: `manifests/slack/${mode}.json`,
    text: `${JSON.stringify(slackManifest(mode, commands, shortcuts, events), undefined, 2)}\n`,
  }))
}
