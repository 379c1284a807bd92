import { isIP } from 'node:net'
import { z } from 'zod'
import { secret } from '#src/secrets.ts'

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `30s`, `15m`, `24h` or `7d`, up to ten years; parsed into milliseconds. */
export const Duration = z
  .string('Give a duration like 30s, 15m, 24h or 7d.')
  .trim()
  .transform((text, context) => {
    const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
    const ms =
      Number(count) * (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? unitMs[unit] : 0)
    if (ms > 0 && ms <= 3_650 * unitMs.d) return ms
    context.addIssue('Give a duration like 30s, 15m, 24h or 7d, more than nothing and at most 3650d.')
    return z.NEVER
  })

/** A text that must not be empty. */
export const Filled = z.string().trim().min(1)

/** A text that nobody should see; parsed into a wrapped one. */
export const HiddenText = z.string().min(1).transform(secret)

/** True or false; also as text, because what comes from the environment always is. */
export const Flag = z
  .union([z.boolean(), z.enum(['true', 'false'])], 'true or false belongs here.')
  .transform((value) => value === true || value === 'true')

/** A whole number, also as text. */
function whole(least: number, most: number, sentence: string) {
  return z
    .union([z.number(), z.string().regex(/^\d{1,9}$/, sentence)], sentence)
    .transform(Number)
    .refine((value) => Number.isInteger(value) && value >= least && value <= most, sentence)
}

/** A TCP port; 0 takes any that is free. */
export const Port = whole(0, 65_535, 'Give a port between 0 and 65535; 0 takes any that is free.')

/** How many people have to approve. */
export const Count = whole(0, 20, 'Give a whole number between 0 and 20.')

/** How many calls run at the same time. */
export const Places = whole(1, 100, 'Give a whole number between 1 and 100.')

/** A Slack user (U…, W…) or user group (S…). */
export const PersonOrGroup = z
  .string()
  .regex(
    /^[UWS][A-Z0-9]{2,20}$/,
    'Give a Slack user id (U… or W…) or user group id (S…), as Slack shows it under “Copy member ID”.',
  )

/** A Slack channel. */
export const Channel = z
  .string()
  .regex(
    /^[CG][A-Z0-9]{2,20}$/,
    'Give a channel id (C…), as Slack shows it at the end of the channel’s details.',
  )

/** Whether a host, as `URL.hostname` has it, is this machine itself. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

/** An `https://` address, or `http://` on this machine; parsed into its normal form without a slash at the end. */
export const WebAddress = Filled.transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    context.addIssue('Give an address like https://access.example.com.')
    return z.NEVER
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    context.addIssue('http:// is for this machine only (127.0.0.1, localhost). Use https:// here.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    context.addIssue('Give the address without a password, a ? or a #.')
  return url.href.replace(/\/+$/, '')
})
