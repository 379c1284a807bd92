import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import { Duration, Filled, Flag, HiddenText, Places, Port, WebAddress } from '#src/config/values.ts'
import { secret } from '#src/secrets.ts'

/** The `database` section. The address may hold a password and is wrapped. */
export const Database = z
  .strictObject({
    url: Filled.refine(
      (text) => /^sqlite:./.test(text) || (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)),
      'Give sqlite:FILE or postgres://user:password@host/database.',
    ).prefault('sqlite:drawbridge.db'),
  })
  .transform(
    ({ url }) => ({ dialect: url.startsWith('sqlite:') ? 'sqlite' : 'postgres', url: secret(url) }) as const,
  )

/** The `operations` section: where health and metrics are served. */
export const Operations = z.strictObject({
  port: Port.prefault(9090),
  host: Filled.prefault('127.0.0.1'),
})

/** The `enforcement` section. */
export const Enforcement = z
  .strictObject({
    call_timeout: Duration.refine((ms) => ms <= 600_000, 'Give at most 10m.').prefault('20s'),
    calls_per_system: Places.prefault(8),
    task_timeout: Duration.prefault('10m'),
    drift_checks: z.array(Duration).max(10).prefault(['5m', '35m']),
    enable_requires_prior_disable: Flag.prefault(true),
  })
  .transform((keys) => ({
    callTimeoutMs: keys.call_timeout,
    callsPerSystem: keys.calls_per_system,
    taskTimeoutMs: keys.task_timeout,
    driftChecksMs: keys.drift_checks.toSorted((one, other) => one - other),
    enableRequiresPriorDisable: keys.enable_requires_prior_disable,
  }))

/** The `retention` section: how long history is kept. */
export const Retention = z
  .strictObject({ tasks: Duration.prefault('180d'), audit: Duration.prefault('400d') })
  .transform(({ tasks, audit }) => ({ tasksMs: tasks, auditMs: audit }))

/** The `audit` section. */
export const Audit = z.strictObject({ key: HiddenText.optional() })

const AddressRange = z.string().refine(isRange, 'Give an address range like 127.0.0.1/32 or 10.0.0.0/8.')

function isRange(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  if (version === 0 || Number(bits ?? 0) > (version === 4 ? 32 : 128)) return false
  new BlockList().addSubnet(address, Number(bits ?? 0), version === 4 ? 'ipv4' : 'ipv6')
  return true
}

const WebSecrets = z.string().transform((text, context) => {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.some((part) => part.length < 32))
    context.addIssue(
      'Give at least 32 characters; several secrets are separated by commas, the newest first.',
    )
  return parts.map(secret)
})

/** The `web` section. `secrets` has the newest first. */
export const Web = z
  .strictObject({
    public_url: WebAddress.refine(
      (address) => new URL(address).pathname === '/',
      'Give the address without a path: cookies and passkeys belong to a whole host.',
    ),
    host: Filled.prefault('0.0.0.0'),
    trusted_proxies: z.array(AddressRange).prefault([]),
    port: Port.prefault(8080),
    secret: WebSecrets,
    breached_passwords_url: WebAddress.optional(),
  })
  .transform((keys) => ({
    publicUrl: keys.public_url,
    host: keys.host,
    trustedProxies: keys.trusted_proxies,
    port: keys.port,
    secrets: keys.secret,
    breachedPasswordsUrl: keys.breached_passwords_url,
  }))

/** The `mail` section. */
export const Mail = z
  .strictObject({
    smtp_url: Filled.refine(
      (text) => /^smtps?:$/.test(URL.canParse(text) ? new URL(text).protocol : ''),
      'Give an address like smtp://127.0.0.1:25 or smtps://mail.example.com.',
    ).transform(secret),
    from: Filled.regex(/^[^@\r\n]*[^@\s]@[^@\s]+$/, 'Give a sender like Drawbridge <no-reply@example.com>.'),
  })
  .transform((keys) => ({ smtpUrl: keys.smtp_url, from: keys.from }))
