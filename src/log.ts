import pino from 'pino'

/** How much is written; each level includes those after it. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** What everybody writes to: facts for machines, then a short sentence. An error goes under the key `err`. */
export interface Log {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Where lines go; standard output unless a test says otherwise. */
export interface LogDestination {
  write(line: string): void
}

// What these keys hold is never written, whatever it looks like. Compared in lower case without `_` and `-`.
const hiddenKeys = new Set(
  [
    'authorization cookie setcookie password newpassword bindpassword secret clientsecret signingsecret auditkey',
    'token accesstoken refreshtoken idtoken apptoken bottoken xslacksignature responseurl responseurls triggerid apikey',
    'privatekey privatemetadata email emails mail view values formvalues onetimecode otp credentials smtpurl databaseurl',
  ].flatMap((line) => line.split(' ')),
)

const deepest = 8

/** The same facts with what must not be written replaced. Pure; cycles end at a depth of 8. */
export function redactFacts(facts: unknown, depth = 0): unknown {
  if (facts instanceof Error) return redactFacts(describeError(facts), depth)
  if (facts instanceof Date || typeof facts !== 'object' || facts === null) return facts
  if (depth === deepest) return '[deeper]'
  if (Array.isArray(facts)) return facts.map((one) => redactFacts(one, depth + 1))
  if ('toJSON' in facts && typeof facts.toJSON === 'function') return facts.toJSON()
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => {
      const isHidden = typeof value !== 'boolean' && hiddenKeys.has(key.toLowerCase().replaceAll(/[_-]/g, ''))
      // An error's `code` is ours or the system's and never a one-time code.
      const isErrorCode = key === 'code' && 'stack' in facts
      return [
        key,
        isHidden && !isErrorCode && value !== undefined ? '[secret]' : redactFacts(value, depth + 1),
      ]
    }),
  )
}

function describeError(error: Error): object {
  const { name, message, stack, cause, ...rest } = error
  return { type: name, message, stack, ...(cause !== undefined && { cause }), ...rest }
}

// An escape comes first, so that the `n` of `\n` is not taken for the start of an address and the line stays JSON.
const sensitive =
  /(\\u[0-9a-fA-F]{4}|\\.)|\bxox[a-z]-[\w-]{4,}|\bxapp-[\w-]{4,}|https:\/\/hooks\.slack\.com\/[^\s"\\]+|\bBearer [\w.~+/=-]+|[\p{L}\p{N}_.+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,24}/gu

/** One line of JSON in which tokens, Slack's answer addresses and e-mail addresses are replaced. It stays JSON. */
export function redactLine(line: string): string {
  return line.replaceAll(sensitive, (found, escape: string | undefined) => {
    if (escape !== undefined) return found
    return found.includes('@') && !found.startsWith('https:') ? '[e-mail]' : '[secret]'
  })
}

/** A log that writes one JSON object a line, with secrets and people's addresses taken out. */
export function createLog(options: { readonly level: LogLevel; readonly destination?: LogDestination }): Log {
  const { level, destination = pino.destination(1) } = options
  const settings: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (facts) => ({ ...asObject(redactFacts(facts)) }),
    },
    serializers: { err: (error: unknown) => error },
    hooks: { streamWrite: redactLine },
  }
  return pino(settings, destination)
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

/** Writes nothing; for tests and for commands that speak in sentences. */
export function silentLog(): Log {
  return createLog({ level: 'silent' })
}
