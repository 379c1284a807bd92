import type { SlackMessage } from '#src/sandbox/slack/index.ts'
import type { Desk } from '#src/sandbox/workspace/desk.ts'

/** What the page shows in the middle. */
export type PlaceName = (typeof places)[number]

/** The place that a path names; undefined for none. */
export function placeNamed(name: string): PlaceName | undefined {
  return places.find((place) => place === name)
}

const places = ['security', 'local-users', 'messages', 'home', 'outside', 'mailbox'] as const

/** The messages of a place as one person sees them, each with its replies below. */
export interface Reading {
  readonly channelId: string
  readonly roots: readonly Root[]
  /** What the person has not read and did not write. */
  readonly unread: number
}

/** A message with the replies that this person sees. */
export interface Root {
  readonly message: SlackMessage
  readonly replies: readonly SlackMessage[]
  readonly unreadReplies: number
  readonly isUnread: boolean
}

/** Reads a channel with somebody's eyes. */
export function readChannel(desk: Desk, channelId: string): Reading {
  const all = desk.person.sees(channelId)
  const isNew = (message: SlackMessage, place: string) =>
    message.userId !== desk.person.userId && Number(message.ts) > Number(desk.readUntil(place))
  const roots = all
    .filter((message) => message.threadTs === undefined)
    .map((message) => {
      const replies = all.filter((each) => each.threadTs === message.ts)
      const place = threadPlace(channelId, message.ts)
      return {
        message,
        replies,
        unreadReplies: replies.filter((each) => isNew(each, place)).length,
        isUnread: isNew(message, channelId),
      }
    })
  return { channelId, roots, unread: roots.filter(({ isUnread }) => isUnread).length }
}

/** What a thread is called where it is kept how far somebody has read. */
export function threadPlace(channelId: string, ts: string): string {
  return `${channelId}/${ts}`
}

/** The channel that stands in a place, if one does. */
export function channelOf(
  desk: Desk,
  place: PlaceName,
  channels: Readonly<Partial<Record<PlaceName, string>>>,
): string | undefined {
  return place === 'messages' ? desk.person.directChannel() : channels[place]
}
