import type { SlackContext } from '#src/sandbox/slack/wire/web-api.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** Takes the bytes of an announced file; answers the status and the words. */
export function takeUpload(
  world: World,
  word: string,
  bytes: Buffer,
): { readonly status: number; readonly words: string } {
  const upload = world.uploads.get(word)
  if (upload === undefined) return { status: 404, words: 'not found' }
  if (bytes.length !== upload.length) return { status: 400, words: 'the length is not the one announced' }
  world.uploads.set(word, { ...upload, bytes })
  return { status: 200, words: `OK - ${bytes.length}` }
}

/** The bytes that were sent: the whole body, or the one file of a multipart form. */
export async function bytesOf(context: SlackContext): Promise<Buffer> {
  const type = context.req.header('content-type') ?? ''
  if (!type.startsWith('multipart/form-data')) return Buffer.from(await context.req.arrayBuffer())
  const form = await context.req.formData()
  for (const value of form.values()) if (value instanceof File) return Buffer.from(await value.arrayBuffer())
  return Buffer.alloc(0)
}

/** Gives out a private file. Without the bot's token and `files:read` it is a sign-in page with status 200, as with Slack. */
export function giveFile(world: World, context: SlackContext, fileId: string): Response {
  const file = world.files.get(fileId)
  if (file === undefined) return new Response('not found', { status: 404 })
  const authorized =
    context.req.header('authorization') === `Bearer ${world.app.botToken}` && world.scopes.has('files:read')
  if (!authorized) {
    const page =
      '<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Slack</body></html>'
    return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } })
  }
  return new Response(new Uint8Array(file.bytes), { headers: { 'content-type': file.mimetype } })
}
