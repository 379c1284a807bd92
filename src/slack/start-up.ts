import { z } from 'zod'
import { createSlackCall, SlackCallError } from '#src/slack/clients.ts'
import type { Log } from '#src/slack/context.ts'
import { neededScopes } from '#src/slack/scopes.ts'
import type { Secret } from '#src/secrets.ts'

export type StartUpErrorCode =
  | 'bad_bot_token'
  | 'bad_app_token'
  | 'missing_scopes'
  | 'missing_app_scope'
  | 'socket_mode_off'
  | 'port_taken'
  | 'refused_by_slack'

/** Something that waiting does not mend. The sentence says what to do. */
export class StartUpError extends Error {
  readonly code: StartUpErrorCode
  constructor(code: StartUpErrorCode, sentence: string) {
    super(sentence)
    this.name = 'StartUpError'
    this.code = code
  }
}

/** Who the bot token belongs to. */
export interface BotIdentity {
  readonly teamId: string
  readonly enterpriseId: string | undefined
  readonly botUserId: string
  readonly botId: string
}

const AuthTest = z.object({
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  user_id: z.string(),
  bot_id: z.string().optional(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
})

/**
 * Asks Slack who we are. Throws `StartUpError` for what waiting does not mend (wrong kind of token, revoked, scopes
 * missing) and `SlackCallError` when Slack could not be asked.
 */
export async function identifyBot(deps: {
  readonly botToken: Secret
  readonly apiUrl: string
  readonly log: Log
}): Promise<BotIdentity> {
  const call = createSlackCall({ ...deps, botToken: deps.botToken.reveal(), timeoutMs: 5000 })
  const said = await call('auth.test', {}, AuthTest).catch((error: unknown) => {
    throw botTokenError(error)
  })
  if (said.bot_id === undefined)
    throw new StartUpError(
      'bad_bot_token',
      'slack.bot_token is not the token of a bot. Take the “Bot User OAuth Token” (xoxb-…).',
    )
  const granted = said.response_metadata?.scopes
  const missing = granted === undefined ? [] : neededScopes().filter((scope) => !granted.includes(scope))
  if (missing.length > 0)
    throw new StartUpError(
      'missing_scopes',
      `The Slack app lacks the scopes ${missing.join(', ')}. Update it from manifests/slack and install it to the workspace again.`,
    )
  return {
    teamId: said.team_id,
    enterpriseId: said.enterprise_id ?? undefined,
    botUserId: said.user_id,
    botId: said.bot_id,
  }
}

function botTokenError(error: unknown): unknown {
  if (!(error instanceof SlackCallError) || error.problem.kind !== 'platform') return error
  return new StartUpError(
    'bad_bot_token',
    `Slack does not take slack.bot_token (${error.problem.code}). Take the “Bot User OAuth Token” (xoxb-…) of the app once it is installed to the workspace.`,
  )
}

/** What a refusal of `apps.connections.open` means for the person who runs Drawbridge. */
export function appTokenError(code: string): StartUpError {
  if (code === 'missing_scope')
    return new StartUpError(
      'missing_app_scope',
      'slack.app_token lacks the scope connections:write. Make a new app-level token with it.',
    )
  if (
    code === 'not_allowed_token_type' ||
    code === 'invalid_auth' ||
    code === 'token_revoked' ||
    code === 'not_authed'
  )
    return new StartUpError(
      'bad_app_token',
      `Slack does not take slack.app_token (${code}). Take an app-level token (xapp-…) with the scope connections:write.`,
    )
  return new StartUpError(
    'refused_by_slack',
    `Slack refuses Socket Mode connections (${code}). Look at the app's settings in Slack.`,
  )
}

/** Slack's answer when Socket Mode is switched off in the app's settings. */
export function socketModeOff(): StartUpError {
  return new StartUpError(
    'socket_mode_off',
    'Socket Mode is switched off for the Slack app. Switch it on under “Socket Mode”.',
  )
}
