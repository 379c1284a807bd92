import { z } from 'zod'
import type { Clock } from '#src/clock.ts'
import { SlackCallError, type SlackCall } from '#src/slack/clients.ts'
import { plainSection } from '#src/slack/block-kit/blocks.ts'
import type { Log } from '#src/slack/context.ts'
import type { Delivery } from '#src/outbox/relay.ts'
import { type Rendered, type SlackDelivery, uploadPauseKey } from '#src/slack/delivery.ts'
import { failedDelivery, isBlockProblem, isNotThere, stillUncertain } from '#src/slack/failed-delivery.ts'
import { findFile, findLine, lineMetadata } from '#src/slack/find-line.ts'
import type { SlackMethod } from '#src/slack/methods.ts'
import { respondThrough } from '#src/slack/respond.ts'
import { cut } from '#src/slack/text.ts'
import { uploadFile } from '#src/slack/upload.ts'

const Posted = z.object({ ts: z.string(), channel: z.string() })
const Permalink = z.object({ permalink: z.string() })
const Nothing = z.object({})
const FileInfo = z.object({
  file: z.object({ name: z.string(), size: z.number(), url_private_download: z.string() }),
})

// chat.update refuses over 4,000 characters.
const textLimit = 3900
// Only chat.postMessage knows these; edits and ephemeral messages do not unfurl.
const noUnfurl = { unfurl_links: false, unfurl_media: false }

/** Makes the deliverers over a caller made for delivery. */
export function createSlackDelivery(deps: {
  readonly call: SlackCall
  readonly clock: Clock
  readonly log: Log
  /** The bot's own id, by which a message found again is known to be ours; undefined until Slack has told. */
  readonly botId: () => string | undefined
}): SlackDelivery {
  const { call, clock } = deps

  const failed = (error: unknown, pauseKey: string): Delivery =>
    failedDelivery(error, { pauseKey, now: clock.now(), log: deps.log })

  /** Posts with blocks; where Slack refuses those, with the fallback, then as one plain paragraph. */
  async function send<T>(
    method: SlackMethod,
    args: object,
    message: Rendered,
    answer: z.ZodType<T>,
  ): Promise<T> {
    const shapes = [message.blocks, ...(message.fallback === undefined ? [] : [message.fallback])]
    const base = { ...args, text: cut(message.text, textLimit) }
    for (const blocks of shapes) {
      try {
        return await call(method, { ...base, blocks }, answer)
      } catch (error) {
        if (!isBlockProblem(error)) throw error
        deps.log.error(
          { err: error, method },
          'Slack refused the blocks of a message; it goes out in a plainer form',
        )
      }
    }
    return call(method, { ...base, blocks: [plainSection(message.text)] }, answer)
  }

  async function permalink(channel: string, ts: string): Promise<{ permalink?: string }> {
    try {
      return {
        permalink: (await call('chat.getPermalink', { channel, message_ts: ts }, Permalink)).permalink,
      }
    } catch (error) {
      deps.log.warn({ err: error }, 'Slack did not tell a permalink')
      return {}
    }
  }

  /** What was posted before an answer was lost may say less than is true by now. */
  async function bringUpToDate(channel: string, ts: string, message: Rendered): Promise<void> {
    try {
      await send('chat.update', { channel, ts }, message, Nothing)
    } catch (error) {
      if (!(error instanceof SlackCallError) || error.problem.kind !== 'platform') throw error
      deps.log.warn({ err: error }, 'a message that was found again could not be edited')
    }
  }

  async function postDirect(to: { line: string; userId: string; message: Rendered }): Promise<Delivery> {
    try {
      const args = { channel: to.userId, metadata: lineMetadata(to.line), ...noUnfurl }
      const posted = await send('chat.postMessage', args, to.message, Posted)
      return { kind: 'sent', ref: posted.ts }
    } catch (error) {
      return failed(error, `slack:chat.postMessage:${to.userId}`)
    }
  }

  return {
    postRoot: async ({ line, channel, message, uncertain, since }) => {
      try {
        const known = uncertain ? await findLine(deps, { line, channel, since }) : undefined
        if (known !== undefined) await bringUpToDate(channel, known, message)
        const args = { channel, metadata: lineMetadata(line), ...noUnfurl }
        const ts = known ?? (await send('chat.postMessage', args, message, Posted)).ts
        return { kind: 'sent', ref: ts, thread: { channel, ts, ...(await permalink(channel, ts)) } }
      } catch (error) {
        return stillUncertain(failed(error, `slack:chat.postMessage:${channel}`), uncertain, error)
      }
    },
    editRoot: async ({ channel, ts, message }) => {
      try {
        await send('chat.update', { channel, ts }, message, Nothing)
        return { kind: 'sent', ref: ts }
      } catch (error) {
        return failed(error, 'slack:chat.update')
      }
    },
    postReply: async ({ line, channel, threadTs, message, uncertain }) => {
      try {
        const known = uncertain ? await findLine(deps, { line, channel, threadTs }) : undefined
        const args = { channel, thread_ts: threadTs, metadata: lineMetadata(line), ...noUnfurl }
        return { kind: 'sent', ref: known ?? (await send('chat.postMessage', args, message, Posted)).ts }
      } catch (error) {
        return stillUncertain(failed(error, `slack:chat.postMessage:${channel}`), uncertain, error)
      }
    },
    postFile: async ({ channel, threadTs, name, title, content, uncertain }) => {
      try {
        const known = uncertain ? await findFile(deps, { name, channel, threadTs }) : undefined
        if (known === undefined) await uploadFile(call, { channel, threadTs, name, title, content })
        return { kind: 'sent' }
      } catch (error) {
        return stillUncertain(failed(error, uploadPauseKey), uncertain, error)
      }
    },
    postFileDirect: async ({ line, userId, message, name, content }) => {
      try {
        const args = { channel: userId, metadata: lineMetadata(line), ...noUnfurl }
        const { ts, channel } = await send('chat.postMessage', args, message, Posted)
        await uploadFile(call, { channel, threadTs: ts, name, title: name, content })
        return { kind: 'sent', ref: ts }
      } catch (error) {
        return failed(error, uploadPauseKey)
      }
    },
    postEphemeralOrDirect: async ({ line, channel, userId, message }) => {
      // A global shortcut was used in no channel.
      if (channel === userId) return postDirect({ line, userId, message })
      try {
        await send('chat.postEphemeral', { channel, user: userId }, message, Nothing)
        return { kind: 'sent' }
      } catch (error) {
        if (isNotThere(error)) return postDirect({ line, userId, message })
        return failed(error, 'slack:chat.postEphemeral')
      }
    },
    postDirect,
    updateView: async ({ viewId, view, hash }) => {
      try {
        await call('views.update', { view_id: viewId, view, ...(hash !== undefined && { hash }) }, Nothing)
        return { kind: 'sent' }
      } catch (error) {
        return failed(error, 'slack:views.update')
      }
    },
    publishHome: async ({ userId, view }) => {
      try {
        await call('views.publish', { user_id: userId, view }, Nothing)
        return { kind: 'sent' }
      } catch (error) {
        return failed(error, 'slack:views.publish')
      }
    },
    findSharedFile: async (fileId) => {
      try {
        const { file } = await call('files.info', { file: fileId }, FileInfo)
        const { name, size, url_private_download: url } = file
        return { kind: 'file', file: { name, size, url } }
      } catch (error) {
        return failed(error, 'slack:files.info')
      }
    },
    answer: async ({ responseUrl, answer }) => {
      try {
        await respondThrough(responseUrl, answer)
        return { kind: 'sent' }
      } catch (error) {
        return failed(error, 'slack:response_url')
      }
    },
  }
}
