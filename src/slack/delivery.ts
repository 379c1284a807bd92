import type { types } from '@slack/bolt'
import type { Delivery } from '#src/outbox/relay.ts'
import type { SlackFileRef } from '#src/slack/download.ts'
import type { Answer, AnyBlock, ModalView } from '#src/slack/context.ts'

/** A message as `messages/` render it. `fallback` is for places that refuse the blocks; `text` alone is the last resort. */
export interface Rendered {
  readonly text: string
  readonly blocks: readonly AnyBlock[]
  readonly fallback?: readonly AnyBlock[] | undefined
}

/** What pauses while Slack takes no more uploads. */
export const uploadPauseKey = 'slack:files'

/** Low-level deliveries for the relay. None throws for what Slack answers; each makes one attempt. */
export interface SlackDelivery {
  /** Posts the first message of a thread. After an uncertain attempt it is looked for since `since` first. */
  readonly postRoot: (root: {
    readonly line: string
    readonly channel: string
    readonly message: Rendered
    readonly uncertain: boolean
    readonly since: Date
  }) => Promise<Delivery>
  /** Edits a message. `dead` with `message_not_found` when somebody deleted it. */
  readonly editRoot: (edit: {
    readonly channel: string
    readonly ts: string
    readonly message: Rendered
  }) => Promise<Delivery>
  /** Posts a reply; `ref` is its ts. */
  readonly postReply: (reply: {
    readonly line: string
    readonly channel: string
    readonly threadTs: string
    readonly message: Rendered
    readonly uncertain: boolean
  }) => Promise<Delivery>
  /** Uploads a file into a thread. After an uncertain attempt it is looked for by its name first. */
  readonly postFile: (file: {
    readonly channel: string
    readonly threadTs: string
    readonly name: string
    readonly title: string
    readonly content: string
    readonly uncertain: boolean
  }) => Promise<Delivery>
  /** Sends one person a file, under a message that says what it is. After an uncertain attempt it may come twice. */
  readonly postFileDirect: (file: {
    readonly line: string
    readonly userId: string
    readonly message: Rendered
    readonly name: string
    readonly content: string
  }) => Promise<Delivery>
  /** Tells one person in a channel, in a direct message where the bot or the person is not in it. */
  readonly postEphemeralOrDirect: (to: {
    readonly line: string
    readonly channel: string
    readonly userId: string
    readonly message: Rendered
  }) => Promise<Delivery>
  /** Tells one person. After an uncertain attempt it may come twice: reading direct messages is a right we do not ask for. */
  readonly postDirect: (to: {
    readonly line: string
    readonly userId: string
    readonly message: Rendered
  }) => Promise<Delivery>
  /** Shows another state of an open form. `dead` with `not_found` when it was closed. */
  readonly updateView: (edit: {
    readonly viewId: string
    readonly view: ModalView
    readonly hash?: string
  }) => Promise<Delivery>
  /** Shows somebody's Home tab. Publishing twice does no harm. */
  readonly publishHome: (home: {
    readonly userId: string
    readonly view: types.HomeView
  }) => Promise<Delivery>
  /** What Slack says about a file that somebody shared. `dead` when it is gone. */
  readonly findSharedFile: (
    fileId: string,
  ) => Promise<{ readonly kind: 'file'; readonly file: SlackFileRef } | Delivery>
  /** Answers through a `response_url`. `dead` when it takes no more: tell the person directly then. */
  readonly answer: (to: { readonly responseUrl: string; readonly answer: Answer }) => Promise<Delivery>
}
