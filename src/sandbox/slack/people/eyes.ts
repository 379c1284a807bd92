import { type Modal, modalOf } from '#src/sandbox/slack/people/modal.ts'
import { ephemeralsOf, placeOf, type Self, userOf } from '#src/sandbox/slack/people/self.ts'
import { directMessage } from '#src/sandbox/slack/places.ts'
import { grouped, type ReadingOptions, renderMessages } from '#src/sandbox/slack/render/thread.ts'
import { stackOf } from '#src/sandbox/slack/views/modals.ts'
import type { SlackMessage } from '#src/sandbox/slack/world.ts'

/** What somebody sees in Slack's client. */
export interface Eyes {
  /** What only this person sees, everywhere or in one channel, oldest first; also Slack's own notices about failed commands. */
  readonly ephemerals: (channelId?: string) => readonly SlackMessage[]
  /** The channel of the direct messages with the app. */
  readonly directChannel: () => string
  /** The direct messages with the app. */
  readonly directMessages: () => readonly SlackMessage[]
  /** All this person sees in a channel, in order. */
  readonly sees: (channelId: string) => readonly SlackMessage[]
  /** The same as plain text. */
  readonly read: (channelId: string, options?: Omit<ReadingOptions, 'tz'>) => string
  /** The open modals, the undermost first. */
  readonly modals: () => readonly Modal[]
  /** Waits until the topmost modal has this callback_id (any, if not named). */
  readonly modal: (callbackId?: string, options?: { readonly timeoutMs?: number }) => Promise<Modal>
  /** The Home tab, once the app has published one. */
  readonly home: () => Modal | undefined
}

/** Gives a person's eyes. */
export function eyesOf(self: Self): Eyes {
  const { world, carrier, userId } = self
  const handle = (view: Parameters<typeof modalOf>[1]): Modal =>
    modalOf({ world, carrier, user: userOf(self) }, view)
  const directChannel = (): string => directMessage(world, userId).id
  const sees = (channelId: string): readonly SlackMessage[] => {
    const all = (world.messages.get(placeOf(self, channelId).id) ?? []).filter(
      (each) => each.deletedAt === undefined,
    )
    return [...all, ...ephemeralsOf(self, channelId)].toSorted((a, b) => Number(a.ts) - Number(b.ts))
  }
  return {
    ephemerals: (channelId) => ephemeralsOf(self, channelId),
    directChannel,
    directMessages: () => sees(directChannel()),
    sees,
    read: (channelId, options) =>
      renderMessages(world, grouped(sees(channelId)), { ...options, tz: userOf(self).tz }),
    modals: () => stackOf(world, userId).map(handle),
    modal: (callbackId, options = {}) =>
      world.changes.waitUntil(
        () => {
          const top = stackOf(world, userId).at(-1)
          if (top === undefined) return undefined
          return callbackId === undefined || top.content['callback_id'] === callbackId
            ? handle(top)
            : undefined
        },
        { what: `the modal ${callbackId ?? ''} of ${userOf(self).name}`, ...options },
      ),
    home: () => {
      const view = world.views.get(world.homes.get(userId) ?? '')
      return view === undefined ? undefined : handle(view)
    },
  }
}
