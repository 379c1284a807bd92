import { UserError } from '#src/errors.ts'

const timeoutMs = 20_000
const mostRedirects = 2
const again = 'Send it again.'

/** A file that somebody put into a form, as Slack describes it. The address came from outside: it is not trusted. */
export interface SlackFileRef {
  readonly name: string
  readonly url: string
  readonly size: number
}

/**
 * Makes the function that fetches files with the bot's token: only from the configured hosts, also after a redirect, at
 * most so many bytes, within 20 s. Throws `UserError` (field `file`) for what waiting does not mend, `Error` for the rest.
 */
export function createDownload(deps: {
  readonly botToken: string
  /** `host` or `host:port`. */
  readonly hosts: readonly string[]
  /** Whether plain HTTP is allowed: only where Slack itself is reached so, which is on the same machine. */
  readonly allowPlain: boolean
  readonly largestBytes: number
}): (file: SlackFileRef, signal: AbortSignal) => Promise<Uint8Array> {
  const { hosts, allowPlain, largestBytes } = deps
  const check = (text: string, base?: string): URL => {
    const url = URL.parse(text, base)
    const known = url !== null && (hosts.includes(url.host) || hosts.includes(url.hostname))
    const safe = url?.protocol === 'https:' || (allowPlain && url?.protocol === 'http:')
    if (url === null || !known || !safe || url.username !== '')
      throw refusal(
        'This file is kept on a host that the configuration (slack.file_hosts) does not name, so I did not fetch it.',
      )
    return url
  }
  return async (file, signal) => {
    if (file.size > largestBytes) throw tooLarge(largestBytes)
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    let url = check(file.url)
    for (let redirects = 0; ; redirects += 1) {
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${deps.botToken}` },
        redirect: 'manual',
        signal: limit,
      })
      const { status } = response
      const location = response.headers.get('location')
      if (status >= 300 && status < 400 && location !== null && redirects < mostRedirects) {
        await response.body?.cancel()
        url = check(location, url.href)
        continue
      }
      if (status === 429 || status >= 500) throw new Error(`a file was answered with status ${status}`)
      // Without the scope files:read Slack answers with a page to sign in, and status 200.
      const isPage = response.headers.get('content-type')?.startsWith('text/html') === true
      if (!response.ok || isPage) {
        await response.body?.cancel()
        throw refusal(
          `Slack did not give me this file. ${again} If that does not help, the app lacks files:read.`,
        )
      }
      return await readAll(response, largestBytes)
    }
  }
}

async function readAll(response: Response, largestBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.byteLength
    // Leaving the loop ends the download.
    if (length > largestBytes) throw tooLarge(largestBytes)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function tooLarge(bytes: number): UserError {
  return refusal(
    `This file is larger than ${Math.floor(bytes / (1024 * 1024))} MB. Take out what is not needed.`,
  )
}

function refusal(sentence: string): UserError {
  return new UserError('not_understood', sentence, 'file')
}
