import { z } from 'zod'
import { type Part, readPart, recordOf } from '#src/config/lenient.ts'
import { Channel, HiddenText, Port, WebAddress } from '#src/config/values.ts'
import { secret } from '#src/secrets.ts'

function token(wrong: readonly string[], sentence: string) {
  return z
    .string()
    .trim()
    .min(1)
    .refine((text) => !wrong.some((start) => text.startsWith(start)), sentence)
    .transform(secret)
}

const hostName = z
  .string()
  .regex(/^[a-z0-9.-]+(:\d{1,5})?$/i, 'Give a host name like files.slack.com, without https:// and path.')

const shared = {
  bot_token: token(
    ['xapp-', 'xoxp-'],
    'This is another kind of token. Take the “Bot User OAuth Token” (xoxb-…).',
  ),
  api_url: WebAddress.prefault('https://slack.com/api/').transform((url) => `${url}/`),
  file_hosts: z.array(hostName).prefault(['files.slack.com']),
  channels: z
    .strictObject({
      default: Channel,
      disable_account: Channel.optional(),
      enable_account: Channel.optional(),
      force_password_reset: Channel.optional(),
      force_sign_out: Channel.optional(),
      local_users: Channel.optional(),
    })
    .readonly(),
}

const SocketMode = z
  .strictObject({
    ...shared,
    mode: z.literal('socket'),
    app_token: token(['xoxb-', 'xoxp-'], 'This is another kind of token. Take an app-level token (xapp-…).'),
  })
  .transform(({ mode, app_token, ...rest }) => ({ mode, appToken: app_token, ...named(rest) }))

const HttpMode = z
  .strictObject({
    ...shared,
    mode: z.literal('http'),
    signing_secret: HiddenText,
    port: Port.prefault(3000),
  })
  .transform(({ mode, signing_secret, port, ...rest }) => ({
    mode,
    signingSecret: signing_secret,
    port,
    ...named(rest),
  }))

type Shared = z.output<z.ZodObject<typeof shared>>

function named(keys: Shared) {
  return {
    botToken: keys.bot_token,
    apiUrl: keys.api_url,
    fileHosts: keys.file_hosts,
    channels: keys.channels,
  }
}

/** The `slack` section, per mode. */
export const slackModes = { socket: SocketMode, http: HttpMode } as const

/** How Slack is reached and where messages go. `apiUrl` ends in `/`. */
export type SlackConfig = z.output<typeof SocketMode> | z.output<typeof HttpMode>

const ownKeys = { socket: ['app_token'], http: ['signing_secret', 'port'] } as const

/** Reads the `slack` section by its mode. Keys of the other mode are named as such. */
export function readSlack(raw: unknown): Part<SlackConfig> {
  const keys = recordOf(raw)
  const missing = 'This is missing. Give mode, bot_token, app_token and channels.'
  if (keys === undefined) return { value: undefined, mistakes: [{ path: ['slack'], sentence: missing }] }
  const { mode } = keys
  if (mode === 'socket') return readMode(SocketMode, keys, 'http')
  if (mode === 'http') return readMode(HttpMode, keys, 'socket')
  const own: readonly unknown[] = [...ownKeys.socket, ...ownKeys.http, 'mode']
  const shown = readPart<SlackConfig>(SocketMode, keys, ['slack']).mistakes.filter(
    ({ path }) => !own.includes(path[1]),
  )
  const sentence = 'One of socket, http belongs here.'
  return { value: undefined, mistakes: [{ path: ['slack', 'mode'], sentence }, ...shown] }
}

function readMode(schema: z.ZodType<SlackConfig>, keys: object, other: 'socket' | 'http'): Part<SlackConfig> {
  const { value, mistakes } = readPart(schema, keys, ['slack'])
  const foreign: readonly unknown[] = ownKeys[other]
  const sentence = `This key goes with mode: ${other}. Take it out.`
  return {
    value,
    mistakes: mistakes.map((one) => (foreign.includes(one.path[1]) ? { path: one.path, sentence } : one)),
  }
}
