import type { Changes } from '#src/sandbox/slack/changes.ts'
import type { Ids } from '#src/sandbox/slack/ids.ts'
import type { Json } from '#src/sandbox/json.ts'
import type { Limits } from '#src/sandbox/slack/limits.ts'

/** Somebody with a Slack account, as `users.info` shows them. */
export interface SlackUser {
  readonly id: string
  /** The handle after the @. */
  readonly name: string
  readonly realName: string
  readonly email: string | undefined
  /** The workspace they belong to; another one's for Slack Connect strangers. */
  readonly teamId: string
  readonly deleted: boolean
  readonly isBot: boolean
  readonly isAppUser: boolean
  /** A guest of several channels. */
  readonly isRestricted: boolean
  /** A guest of one channel. */
  readonly isUltraRestricted: boolean
  readonly isStranger: boolean
  readonly isInvited: boolean
  readonly tz: string
  readonly enterprise:
    | { readonly id: string; readonly enterpriseId: string; readonly teams: readonly string[] }
    | undefined
}

/** A group that can be mentioned as one, `@security`. */
export interface UserGroup {
  readonly id: string
  readonly handle: string
  readonly name: string
  readonly users: readonly string[]
  readonly disabled: boolean
}

/** A place where messages stand. `im` is a direct message between the app and one person. */
export interface Channel {
  readonly id: string
  readonly name: string
  readonly kind: 'public' | 'private' | 'im'
  readonly members: readonly string[]
  readonly archived: boolean
}

/** What a message said before an edit. */
interface Edit {
  readonly at: number
  readonly text: string
  readonly blocks: readonly Json[]
}

/** A message; replaced as a whole when it is edited, so one that was kept is what stood there then. */
export interface SlackMessage {
  readonly channelId: string
  readonly ts: string
  readonly threadTs: string | undefined
  readonly userId: string
  readonly text: string
  readonly blocks: readonly Json[]
  readonly metadata: Json | undefined
  readonly files: readonly SlackFile[]
  readonly postedAt: number
  /** What it said before, oldest first. */
  readonly edits: readonly Edit[]
  readonly deletedAt: number | undefined
  /** The one person who sees it, for ephemeral messages. */
  readonly onlyFor: string | undefined
}

/** A file that somebody uploaded. */
export interface SlackFile {
  readonly id: string
  readonly name: string
  readonly title: string
  readonly mimetype: string
  readonly bytes: Buffer
  readonly userId: string
  readonly uploadedAt: number
}

/** A modal or a Home tab as it stands with one person. `content` is what the app sent, ids filled in. */
export interface View {
  readonly id: string
  readonly userId: string
  readonly kind: 'modal' | 'home'
  readonly content: Json
  readonly hash: string
  readonly rootViewId: string
  readonly previousViewId: string | undefined
  /** What the person has typed and picked: block_id, action_id, the state as payloads carry it. */
  readonly values: Readonly<Record<string, Readonly<Record<string, Json>>>>
  /** Sentences under inputs, by block_id. */
  readonly errors: Readonly<Record<string, string>>
}

/** Something a person did that lets the app open a modal. */
export interface Trigger {
  readonly id: string
  readonly userId: string
  readonly madeAt: number
  readonly used: boolean
  /** The modal it came from, which `views.push` needs. */
  readonly viewId: string | undefined
}

/** Where an app may answer a command or a click without a token. */
export interface ResponseUrl {
  readonly word: string
  readonly userId: string
  readonly channelId: string
  readonly madeAt: number
  readonly uses: number
  /** The message that was clicked; a typed command has none. */
  readonly message:
    | { readonly ts: string; readonly ephemeral: boolean; readonly threadTs: string | undefined }
    | undefined
}

/** One call of the Web API or of a response_url, as it was made and answered. */
export interface Call {
  readonly method: string
  readonly args: Json
  readonly at: number
  /** What was answered; `{lost: true, ...}` when the connection was cut after the effect, undefined while it runs. */
  readonly result: Json | undefined
  /** The HTTP status; 0 when nothing was answered. */
  readonly status: number
}

/** Somebody was told. Edits tell nobody, so they make no ping. */
export interface Ping {
  readonly kind: 'channel' | 'here' | 'everyone' | 'user' | 'group'
  /** The user or user group. */
  readonly id: string | undefined
  readonly channelId: string
  readonly ts: string
  readonly at: number
}

/** All that the workspace knows. Maps are changed in place, what they hold is replaced. */
export interface World {
  readonly baseUrl: string
  readonly team: { readonly id: string; readonly domain: string; readonly name: string }
  readonly app: {
    readonly id: string
    readonly botUserId: string
    readonly botId: string
    readonly botToken: string
    readonly appToken: string
    readonly signingSecret: string
    readonly verificationToken: string
  }
  readonly settings: Settings
  readonly scopes: Set<string>
  readonly limits: Limits
  readonly now: () => number
  readonly ids: Ids
  readonly changes: Changes
  readonly users: Map<string, SlackUser>
  readonly groups: Map<string, UserGroup>
  readonly channels: Map<string, Channel>
  /** By channel, oldest first, replies among them. */
  readonly messages: Map<string, SlackMessage[]>
  readonly ephemerals: SlackMessage[]
  readonly views: Map<string, View>
  /** By person, the undermost modal first. */
  readonly stacks: Map<string, readonly string[]>
  readonly homes: Map<string, string>
  readonly triggers: Map<string, Trigger>
  readonly responseUrls: Map<string, ResponseUrl>
  readonly files: Map<string, SlackFile>
  readonly uploads: Map<string, Upload>
  readonly calls: Call[]
  readonly pings: Ping[]
  /** What the app did wrong where Slack would only shrug: late or senseless acknowledgements and the like. */
  readonly complaints: string[]
}

/** A place for the bytes of a file that was announced. */
interface Upload {
  readonly fileId: string
  readonly name: string
  readonly length: number
  readonly bytes: Buffer | undefined
}

/** What an administrator of the workspace can change at run time. */
export interface Settings {
  /** User groups exist on paid plans only. */
  paid: boolean
  /** Whether `plan` and `task_card` are known; false is an old client or GovSlack, which answer `invalid_blocks`. */
  planBlocks: boolean
  /** Slash commands that exist; undefined: whatever is typed. */
  commands: ReadonlyMap<string, { readonly shouldEscape: boolean }> | undefined
  /** Shortcuts that exist, by callback_id; undefined: whatever is used. */
  shortcuts: ReadonlyMap<string, 'message' | 'global'> | undefined
  /** Event types the app subscribed to. */
  events: ReadonlySet<string>
  /** Scopes of the app-level token; Socket Mode needs `connections:write`. */
  appScopes: ReadonlySet<string>
  /** Tokens Slack no longer takes, and how it says so. */
  revoked: ReadonlyMap<string, string>
  socketMode: boolean
}
