import { createServer } from 'node:net'
import { once } from 'node:events'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { OutgoingMail } from '#src/local-users/send-mails.ts'
import { createMailer } from '#src/mail/mailer.ts'
import { createMailing } from '#src/mail/mailing.ts'
import { makeAppCertificate } from '#src/sandbox/graph/certificate.ts'
import { secret } from '#src/secrets.ts'
import { type SmtpTls, startSmtp } from '#src/sandbox/mailbox/smtp.ts'
import { mailSettings } from '#test/helpers/mail-settings.ts'

const link = 'https://access.example/enroll/u.abc'
const mail = (fields: Partial<OutgoingMail> = {}): OutgoingMail => ({
  kind: 'enrollment',
  to: 'ann@corp.example',
  link: secret(link),
  hoursGood: 24,
  messageId: 'enrollment.u.1',
  ...fields,
})
const signal = new AbortController().signal

async function setUp(
  options: { readonly password?: string; readonly typed?: string; readonly tls?: SmtpTls } = {},
) {
  const smtp = await startSmtp(options)
  const url = options.typed === undefined ? smtp.url : smtp.url.replace(/:[^:@]+@/, `:${options.typed}@`)
  const mailer = createMailer(mailSettings(url))
  onTestFinished(async () => {
    await mailer[Symbol.asyncDispose]()
    await smtp[Symbol.asyncDispose]()
  })
  return { smtp, mailer }
}

describe('Mails with links', () => {
  it('need a mail server and a public address', () => {
    const web = { publicUrl: 'https://access.example', secrets: [secret('newest'), secret('older')] }
    const settings = mailSettings('smtp://127.0.0.1:1')
    const watch = { tried: () => undefined }
    expect(createMailing({ mail: undefined, web }, watch)).toBeUndefined()
    expect(createMailing({ mail: settings, web: undefined }, watch)).toBeUndefined()
    expect(createMailing({ mail: settings, web }, watch)?.webSecret).toBe(web.secrets[0])
  })
})

describe('The mailer', () => {
  it('sends a mail as text and HTML with the link in both, to one address', async () => {
    const { smtp, mailer } = await setUp()
    expect(await mailer.send(mail(), signal)).toEqual({ kind: 'sent' })
    expect(smtp.arrived).toMatchObject([
      {
        to: ['ann@corp.example'],
        mail: {
          subject: 'Set up your sign-in',
          messageId: '<enrollment.u.1@corp.example>',
          from: { name: 'Drawbridge', address: 'no-reply@corp.example' },
        },
      },
    ])
    const { text, html, headers } = smtp.arrived[0]!.mail
    expect(text).toContain(`\n${link}\n`)
    expect(html).toContain(`href="${link}"`)
    for (const body of [text, html]) expect(body).toContain('works once and for 24 hours')
    expect(headers).toContainEqual(
      expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
    )
  })

  it('says something else where a password has to be chosen anew', async () => {
    const { smtp, mailer } = await setUp()
    await mailer.send(mail({ kind: 'new_password' }), signal)
    expect(smtp.arrived[0]?.mail.subject).toBe('Choose a new password')
  })

  it.each([
    `o'neil+"x"@corp.example`,
    'a,b@corp.example',
    'ann@corp.example, eve@evil.example',
    'Eve <eve@evil.example>',
    'ann@corp.example\r\nBcc: eve@evil.example',
    'a<script>@corp.example',
  ])('never sends to anybody but the one address %j', async (to) => {
    const { smtp, mailer } = await setUp()
    await mailer.send(mail({ to }), signal)
    expect(smtp.arrived.flatMap((one) => one.to).filter((address) => address.startsWith('eve@'))).toEqual([])
    expect(smtp.arrived.every((one) => one.to.length === 1)).toBe(true)
    for (const { mail: read } of smtp.arrived) expect(read.html).not.toContain('<script>')
  })

  it('reaches international addresses', async () => {
    const { smtp, mailer } = await setUp()
    expect(await mailer.send(mail({ to: 'jörg@bücher.example' }), signal)).toEqual({ kind: 'sent' })
    expect(smtp.arrived[0]?.to[0]).toMatch(/^jörg@/)
  })

  it.each([
    [550, '5.1.1 nobody of that name', 'refused'],
    [452, '4.2.2 the box is full', 'later'],
  ])('tells an address that the server answers %i from a server that is away', async (code, text, kind) => {
    const { smtp, mailer } = await setUp()
    smtp.refuse = (address) => (address.startsWith('ann') ? { code, text } : undefined)
    const outcome = await mailer.send(mail(), signal)
    expect(outcome).toMatchObject({ kind, why: expect.stringContaining(text) })
    expect(await mailer.send(mail({ to: 'bob@corp.example' }), signal)).toEqual({ kind: 'sent' })
  })

  it('tells that nobody listens, and that nobody answers', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const mailer = createMailer(mailSettings(`smtp://127.0.0.1:${port}`))
    onTestFinished(() => mailer[Symbol.asyncDispose]())
    const stop = new AbortController()
    const sending = mailer.send(mail(), stop.signal)
    await once(silent, 'connection')
    stop.abort()
    expect(await sending).toMatchObject({ kind: 'away' })
    const nobody = createMailer(mailSettings('smtp://127.0.0.1:1'))
    onTestFinished(() => nobody[Symbol.asyncDispose]())
    expect(await nobody.send(mail(), signal)).toMatchObject({ kind: 'away' })
  })
})

describe('The mailer over TLS', () => {
  const known = getCACertificates()
  let certificate: SmtpTls['certificate']
  beforeAll(async () => {
    certificate = await makeAppCertificate({})
  })
  afterEach(() => setDefaultCACertificates(known))
  const trust = () => setDefaultCACertificates([...known, certificate.certificatePem])
  const password = 'p@ss/word'

  it.each(['when_asked', 'at_once'] as const)('that begins %s signs in and sends', async (begins) => {
    trust()
    const { smtp, mailer } = await setUp({ password, tls: { begins, certificate } })
    expect(await mailer.send(mail(), signal)).toEqual({ kind: 'sent' })
    expect(smtp.arrived).toMatchObject([{ isOverTls: true }])
    const other = await setUp({ password, typed: 'wrong', tls: { begins, certificate } })
    expect(await other.mailer.send(mail(), signal)).toMatchObject({ kind: 'away' })
  })

  it('uses it wherever it is offered', async () => {
    trust()
    const { smtp, mailer } = await setUp({ tls: { begins: 'when_asked', certificate } })
    expect(await mailer.send(mail(), signal)).toEqual({ kind: 'sent' })
    expect(smtp.arrived).toMatchObject([{ isOverTls: true }])
  })

  it.each(['when_asked', 'at_once'] as const)(
    'that begins %s sends nothing to a server whose certificate nobody vouches for',
    async (begins) => {
      const { smtp, mailer } = await setUp({ tls: { begins, certificate } })
      expect(await mailer.send(mail(), signal)).toMatchObject({ kind: 'away' })
      expect(smtp.arrived).toEqual([])
    },
  )

  it('never sends a password without it', async () => {
    const { smtp, mailer } = await setUp({ password })
    expect(await mailer.send(mail(), signal)).toMatchObject({ kind: 'away' })
    expect(smtp.triedToSignIn).toBe(0)
    expect(smtp.arrived).toEqual([])
  })
})
