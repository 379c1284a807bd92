import type { Changes } from '#src/sandbox/slack/changes.ts'
import type { Json } from '#src/sandbox/json.ts'
import {
  drawFor,
  type Drawing,
  renderModalPage,
  renderPage,
  type Scene,
} from '#src/sandbox/slack/render/html.ts'
import { type ReadingOptions, renderMessages } from '#src/sandbox/slack/render/thread.ts'
import type {
  Call,
  Channel,
  Ping,
  SlackFile,
  SlackMessage,
  SlackUser,
  UserGroup,
  World,
} from '#src/sandbox/slack/world.ts'

/** A message with its replies, oldest first. */
interface ThreadedMessage extends SlackMessage {
  readonly replies: readonly SlackMessage[]
}

/** What a test can look at. */
export interface Observation {
  /** Every call of the Web API, of a response_url and of an upload, oldest first. */
  readonly calls: readonly Call[]
  /** The calls of one method. */
  readonly callsOf: (method: string) => readonly Call[]
  /** What stands in a channel, oldest first, replies below their message; deleted messages are left out. */
  readonly messages: (channelId: string) => readonly ThreadedMessage[]
  /** A message as it stands now, deleted or not. */
  readonly message: (channelId: string, ts: string) => SlackMessage | undefined
  readonly pings: readonly Ping[]
  /** What the app did wrong without being told. A good test ends with this empty. */
  readonly complaints: readonly string[]
  readonly files: () => readonly SlackFile[]
  readonly users: () => readonly SlackUser[]
  /** Channels and direct messages. */
  readonly channels: () => readonly Channel[]
  /** Calls the listener after each change until what is answered is called. */
  readonly onChange: Changes['subscribe']
  /** A channel with its threads as plain text, just as people would read it; with `threadTs` only that thread. */
  readonly renderThread: (
    channelId: string,
    options?: ReadingOptions & { readonly threadTs?: string },
  ) => string
  /** What a person sees, as a page for a browser. */
  readonly renderPage: (scene: Scene) => string
  /** A modal before anybody touched it, as such a page. */
  readonly renderModalPage: (content: Json) => string
  /** Draws pieces of such a page. */
  readonly drawFor: (readerId: string) => Drawing
  readonly groups: () => readonly UserGroup[]
  readonly waitUntil: Changes['waitUntil']
}

/** Eyes on a workspace. */
export function observe(world: World): Observation {
  const standing = (channelId: string): readonly SlackMessage[] =>
    (world.messages.get(channelId) ?? []).filter((message) => message.deletedAt === undefined)
  const threads = (channelId: string): readonly ThreadedMessage[] => {
    const all = standing(channelId)
    const byThread = Map.groupBy(all, (message) => message.threadTs)
    return (byThread.get(undefined) ?? []).map((root) => ({ ...root, replies: byThread.get(root.ts) ?? [] }))
  }
  return {
    calls: world.calls,
    callsOf: (method) => world.calls.filter((call) => call.method === method),
    messages: threads,
    message: (channelId, ts) => world.messages.get(channelId)?.find((message) => message.ts === ts),
    pings: world.pings,
    complaints: world.complaints,
    files: () => [...world.files.values()],
    users: () => [...world.users.values()],
    channels: () => [...world.channels.values()],
    onChange: world.changes.subscribe,
    renderThread: (channelId, options = {}) => {
      const wanted = threads(channelId).filter(
        (root) => options.threadTs === undefined || root.ts === options.threadTs,
      )
      return renderMessages(
        world,
        wanted.flatMap((root) => [root, ...root.replies]),
        options,
      )
    },
    renderPage: (scene) => renderPage(world, scene),
    renderModalPage: (content) => renderModalPage(world, content),
    drawFor: (readerId) => drawFor(world, readerId),
    groups: () => [...world.groups.values()],
    waitUntil: world.changes.waitUntil,
  }
}
