import { z } from 'zod'
import type { HomeWorkspace } from '#src/people/actor.ts'
import type { Sender } from '#src/slack/context.ts'

const Named = z.object({ id: z.string() })

/** What we read of a slash command. */
export const SlashCommand = z.object({
  command: z.string(),
  text: z.string().default(''),
  user_id: z.string(),
  team_id: z.string(),
  enterprise_id: z.string().optional(),
  channel_id: z.string(),
  response_url: z.url().optional(),
  trigger_id: z.string(),
})
export type SlashCommand = z.infer<typeof SlashCommand>

/** What we read of a view, in a submission or around an element. */
export const OpenedView = z.object({
  id: z.string(),
  type: z.string(),
  callback_id: z.string().default(''),
  private_metadata: z.string().default(''),
  title: z.object({ text: z.string() }).nullish(),
  blocks: z.array(z.object({ type: z.string(), block_id: z.string().optional() })).default([]),
  root_view_id: z.string().nullish(),
  state: z
    .object({ values: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .default({ values: {} }),
})
export type OpenedView = z.infer<typeof OpenedView>

const Clicker = {
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
  team: Named.nullish(),
  enterprise: Named.nullish(),
  trigger_id: z.string().optional(),
}

/** What we read of a submitted form. */
export const ViewSubmission = z.object({ ...Clicker, view: OpenedView })
export type ViewSubmission = z.infer<typeof ViewSubmission>

/** What we read of a pressed button or a changed element. `message` is absent for ephemeral messages. */
export const BlockActions = z.object({
  ...Clicker,
  response_url: z.url().optional(),
  container: z
    .object({
      channel_id: z.string().optional(),
      message_ts: z.string().optional(),
      thread_ts: z.string().optional(),
      is_ephemeral: z.boolean().optional(),
    })
    .default({}),
  channel: Named.nullish(),
  message: z.object({ ts: z.string(), thread_ts: z.string().optional() }).nullish(),
  view: OpenedView.nullish(),
  actions: z.tuple([z.looseObject({ action_id: z.string() })], z.unknown()),
})
export type BlockActions = z.infer<typeof BlockActions>

/** What we read of a used shortcut. Only one in a message's menu has a channel, a message and an address for answers. */
export const ShortcutUse = z.object({
  ...Clicker,
  type: z.enum(['shortcut', 'message_action']),
  callback_id: z.string(),
  response_url: z.url().optional(),
  channel: Named.nullish(),
  message: z
    .object({
      text: z.string().optional(),
      blocks: z.unknown().optional(),
      attachments: z.unknown().optional(),
    })
    .nullish(),
})
export type ShortcutUse = z.infer<typeof ShortcutUse>

/** What we read of an event around what happened. */
export const EventCallback = z.object({
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  event: z.looseObject({ type: z.string() }),
})
export type EventCallback = z.infer<typeof EventCallback>

/** Who sent it and from which workspace. */
export interface Origin {
  readonly sender: Sender
  readonly workspaceId: string | undefined
}

/** The origin of an interaction. In organisation-wide installations `team` is null and the person's own team counts. */
export function originOf(body: Pick<BlockActions, 'user' | 'team' | 'enterprise'>): Origin {
  const teamId = body.user.team_id ?? body.team?.id ?? ''
  return {
    sender: { userId: body.user.id, teamId, enterpriseId: body.enterprise?.id },
    workspaceId: body.team?.id ?? body.user.team_id,
  }
}

/** The origin of a slash command. */
export function originOfCommand(body: SlashCommand): Origin {
  return {
    sender: { userId: body.user_id, teamId: body.team_id, enterpriseId: body.enterprise_id },
    workspaceId: body.team_id,
  }
}

/**
 * Whether a payload comes from the workspace (or organisation) that the bot token belongs to. With Slack Connect a
 * button can be pressed by somebody of another company; in an organisation `findActor` decides on the person.
 */
export function isFromHome(origin: Origin, home: HomeWorkspace): boolean {
  if (home.enterpriseId !== undefined)
    return origin.workspaceId === home.teamId || origin.sender.enterpriseId === home.enterpriseId
  return origin.workspaceId === home.teamId && origin.sender.teamId === home.teamId
}
