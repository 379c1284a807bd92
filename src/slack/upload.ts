import { z } from 'zod'
import { type SlackCall, SlackCallError, sortProblem } from '#src/slack/clients.ts'

const Announced = z.object({ upload_url: z.url(), file_id: z.string() })
const Nothing = z.object({})
const timeoutMs = 20_000

/** Uploads a file into a thread, in the three steps that Slack wants. Only the last one shows it. Throws `SlackCallError`. */
export async function uploadFile(
  call: SlackCall,
  file: {
    readonly channel: string
    readonly threadTs: string
    readonly name: string
    readonly title: string
    readonly content: string
  },
): Promise<void> {
  const bytes = Buffer.from(file.content)
  const { upload_url: url, file_id: id } = await call(
    'files.getUploadURLExternal',
    { filename: file.name, length: bytes.length },
    Announced,
  )
  await send(url, bytes)
  await call(
    'files.completeUploadExternal',
    { files: [{ id, title: file.title }], channel_id: file.channel, thread_ts: file.threadTs },
    Nothing,
  )
}

// The address holds a ticket of its own: no token goes there.
async function send(url: string, bytes: Buffer): Promise<void> {
  const method = 'upload'
  const signal = AbortSignal.timeout(timeoutMs)
  const response = await fetch(url, {
    method: 'POST',
    body: new Uint8Array(bytes),
    signal,
    redirect: 'error',
  }).catch((error: unknown) => {
    const problem = sortProblem(error)
    // Nothing is seen of it before the last step, so it is simply sent again.
    const detail = 'detail' in problem ? problem.detail : problem.kind
    throw new SlackCallError(method, { kind: 'not_sent', detail }, error)
  })
  await response.body?.cancel()
  if (response.status === 429) {
    const retryAfter = Number(response.headers.get('retry-after') ?? 30)
    throw new SlackCallError(method, { kind: 'rate_limited', retryAfterMs: (retryAfter || 30) * 1000 })
  }
  if (!response.ok)
    throw new SlackCallError(method, { kind: 'not_sent', detail: `HTTP status ${response.status}` })
}
