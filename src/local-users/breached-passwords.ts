import { createHash } from 'node:crypto'
import type { Log } from '#src/log.ts'
import type { Secret } from '#src/secrets.ts'

/** Knows passwords that were stolen somewhere. */
export interface BreachedPasswords {
  /** False also when that cannot be found out now: nobody is kept from choosing a password by somebody else's outage. */
  has(password: Secret): Promise<boolean>
}

/** What asking needs. */
export interface BreachedPasswordsDeps {
  /** Of a service that speaks the range API of Pwned Passwords, without a slash at its end. */
  readonly url: string
  readonly log: Log
  /** How long one answer may take; 3 s unless a test says otherwise, since a person waits for it. */
  readonly timeoutMs?: number
}

const prefixLength = 5
const longestAnswer = 1024 * 1024

/**
 * Asks the range API of Pwned Passwords (haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange): five characters of the
 * SHA-1 go out, and what is compared with the rest of it stays here. The answer is padded, so that its length tells nothing.
 */
export function createBreachedPasswords(deps: BreachedPasswordsDeps): BreachedPasswords {
  return {
    async has(password) {
      const text = password.reveal().normalize('NFC')
      const hash = createHash('sha1').update(text).digest('hex').toUpperCase()
      try {
        return isAmong(await askRange(deps, hash.slice(0, prefixLength)), hash.slice(prefixLength))
      } catch (error) {
        // Only our own words and the codes of Node: what a service answers is not for the log.
        const why = error instanceof RangeError ? error.message : codeOf(error)
        deps.log.warn({ why }, 'breached passwords could not be asked for, so a password was taken without')
        return false
      }
    },
  }
}

async function askRange({ url, timeoutMs = 3_000 }: BreachedPasswordsDeps, prefix: string): Promise<string> {
  const answer = await fetch(`${url}/range/${prefix}`, {
    headers: { 'add-padding': 'true', 'user-agent': 'Drawbridge', accept: 'text/plain' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  })
  let text = ''
  const decoder = new TextDecoder()
  for await (const part of answer.body ?? []) {
    text += decoder.decode(part, { stream: true })
    if (text.length > longestAnswer) throw new RangeError('an answer without end')
  }
  if (answer.status !== 200) throw new RangeError(`status ${answer.status}`)
  return text
}

/** Lines are `SUFFIX:COUNT`; those with the count 0 are padding and stand for nothing. */
function isAmong(text: string, suffix: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  if (lines.length === 0 || lines.some((line) => !/^[0-9A-F]{35}:\d+$/i.test(line)))
    throw new RangeError('an answer of another form')
  return lines.some((line) => {
    const [one = '', count] = line.toUpperCase().split(':')
    return one === suffix && Number(count) > 0
  })
}

function codeOf(error: unknown): string {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ('code' in one && typeof one.code === 'string') return one.code
    if (one.name === 'TimeoutError') return 'no answer in time'
  }
  return 'no answer'
}
