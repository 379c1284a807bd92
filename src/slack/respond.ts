import type { Answer } from '#src/slack/context.ts'
import { SlackCallError, sortProblem } from '#src/slack/clients.ts'

/** How long Slack takes answers through a `response_url` (and at most five of them). */
export const responseUrlLivesMs = 30 * 60_000

const timeLimitMs = 5000

/**
 * Answers through a `response_url`; only the person sees it. Throws `SlackCallError`: `platform` with code
 * `response_url_used_up` when Slack takes no more answers there.
 */
export async function respondThrough(
  responseUrl: string,
  answer: Answer,
  signal?: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(timeLimitMs)
  const response = await fetch(responseUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(answerBody(answer)),
    redirect: 'error',
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  }).catch((error: unknown) => {
    throw new SlackCallError('response_url', sortProblem(error), error)
  })
  const said = await response.text().catch(() => '')
  if (response.ok) return
  throw new SlackCallError('response_url', problemOf(response, said))
}

function answerBody(answer: Answer) {
  if (answer.deleteOriginal === true) return { delete_original: true }
  return {
    response_type: 'ephemeral',
    replace_original: answer.replaceOriginal === true,
    text: answer.text,
    ...(answer.blocks !== undefined && { blocks: answer.blocks }),
  }
}

function problemOf(response: Response, said: string): SlackCallError['problem'] {
  if (response.status === 429) {
    const seconds = Number(response.headers.get('retry-after') ?? '30')
    return { kind: 'rate_limited', retryAfterMs: (Number.isFinite(seconds) ? seconds : 30) * 1000 }
  }
  if (response.status >= 500) return { kind: 'uncertain', detail: `HTTP status ${response.status}` }
  if (said.includes('invalid_blocks') || said.includes('invalid_payload'))
    return { kind: 'platform', code: 'invalid_blocks', messages: [] }
  return { kind: 'platform', code: 'response_url_used_up', messages: [`HTTP status ${response.status}`] }
}
