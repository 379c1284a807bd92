/**
 * A date as `<!date^SECONDS^FORMAT|…>` shows it in a time zone, with the 24-hour clock, seen at `nowMs`; undefined when the format has a token
 * this workspace does not know (Slack then shows the fallback).
 */
export function formatDate(seconds: number, format: string, tz: string, nowMs: number): string | undefined {
  const date = new Date(seconds * 1000)
  let known = Number.isFinite(seconds)
  const shown = format.replaceAll(/\{([a-z_]+)\}/gu, (_whole, token: string) => {
    const part = tokens[token]?.(date, tz, new Date(nowMs))
    if (part === undefined) known = false
    return part ?? ''
  })
  return known ? shown : undefined
}

type Format = (date: Date, tz: string, now: Date) => string

function intl(options: Intl.DateTimeFormatOptions): Format {
  return (date, timeZone) => new Intl.DateTimeFormat('en-US', { ...options, timeZone }).format(date)
}

const day: Format = (date, timeZone) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(date)
const short = intl({ month: 'short', day: 'numeric', year: 'numeric' })
const long = intl({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' })
const plain = intl({ month: 'long', day: 'numeric', year: 'numeric' })

// "today", "yesterday" and "tomorrow" where they apply.
const pretty =
  (otherwise: Format): Format =>
  (date, tz, now) => {
    const distance = Math.round((Date.parse(day(date, tz, now)) - Date.parse(day(now, tz, now))) / 86_400_000)
    const names: Readonly<Record<number, string>> = { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' }
    return names[distance] ?? otherwise(date, tz, now)
  }

const tokens: Readonly<Record<string, Format>> = {
  date_num: day,
  date_slash: intl({ day: '2-digit', month: '2-digit', year: 'numeric' }),
  date: plain,
  date_pretty: pretty(plain),
  date_short: short,
  date_short_pretty: pretty(short),
  date_long: long,
  date_long_pretty: pretty(long),
  date_long_full: plain,
  time: intl({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  time_secs: intl({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
}
