import { fileJson, post } from '#src/sandbox/slack/messages.ts'
import { objects, someText, text } from '#src/sandbox/json.ts'
import { type Handler, invalidArguments, Refusal } from '#src/sandbox/slack/methods/method.ts'
import { rootOf } from '#src/sandbox/slack/messages.ts'
import { botIsIn, visibleChannel } from '#src/sandbox/slack/places.ts'
import type { SlackFile } from '#src/sandbox/slack/world.ts'

/** `files.*`: the upload in three steps, and looking one up. */
export const fileMethods: Readonly<Record<string, Handler>> = {
  'files.getUploadURLExternal': (world, args) => {
    const length = Number(args['length'])
    if (!(length > 0)) throw invalidArguments('must be a positive integer [json-pointer:/length]')
    const fileId = world.ids.id('F')
    const word = world.ids.word()
    world.uploads.set(word, { fileId, name: text(args['filename']), length, bytes: undefined })
    return { upload_url: `${world.baseUrl}/upload/v1/${word}`, file_id: fileId }
  },
  'files.completeUploadExternal': (world, args) => {
    const wanted = objects(args['files'])
    if (wanted.length === 0) throw invalidArguments('missing required field: files')
    const channelId = someText(args['channel_id'])
    const channel = channelId === undefined ? undefined : visibleChannel(world, channelId)
    if (channel?.archived === true) throw new Refusal('posting_to_channel_denied')
    if (channel !== undefined && !botIsIn(world, channel)) throw new Refusal('not_in_channel')
    const threadTs = someText(args['thread_ts'])
    if (channel !== undefined && threadTs !== undefined && rootOf(world, channel.id, threadTs) === undefined)
      throw invalidArguments('must be the timestamp of a message [json-pointer:/thread_ts]')
    const files = wanted.map((each): SlackFile => {
      const upload = [...world.uploads.values()].find((one) => one.fileId === each['id'])
      if (upload?.bytes === undefined || upload.bytes.length !== upload.length)
        throw new Refusal('file_not_found')
      return {
        id: upload.fileId,
        name: upload.name,
        title: someText(each['title']) ?? upload.name,
        mimetype: upload.name.endsWith('.csv') ? 'text/csv' : 'application/octet-stream',
        bytes: upload.bytes,
        userId: world.app.botUserId,
        uploadedAt: world.now(),
      }
    })
    for (const file of files) world.files.set(file.id, file)
    if (channel !== undefined) {
      post(world, {
        channelId: channel.id,
        userId: world.app.botUserId,
        text: text(args['initial_comment']),
        blocks: [],
        files,
        threadTs,
      })
    }
    return { files: files.map((file) => fileJson(world, file)) }
  },
  'files.info': (world, args) => {
    const file = world.files.get(text(args['file']))
    if (file === undefined) throw new Refusal('file_not_found')
    return { file: fileJson(world, file), comments: [], response_metadata: { next_cursor: '' } }
  },
}
