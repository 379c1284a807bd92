import { createTransport } from 'nodemailer'
import { z } from 'zod'
import type { MailOutcome, OutgoingMail } from '#src/local-users/send-mails.ts'
import { renderMail } from '#src/mail/templates.ts'
import type { Secret } from '#src/secrets.ts'

/** The `mail` section of the configuration. */
export interface MailSettings {
  /** `smtp://` or `smtps://`, with user and password where the server asks for them. */
  readonly smtpUrl: Secret
  /** Like `Drawbridge <no-reply@example.com>`. */
  readonly from: string
}

/** Sends mails through one SMTP server, over a few connections that stay open for a while. */
export interface Mailer extends AsyncDisposable {
  /** One try. Never throws: an abort or a time limit is `away`. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<MailOutcome>
}

const connectionMs = 15_000
const answerMs = 30_000
const wholeMs = 60_000

/**
 * Makes a mailer; nothing is contacted yet. STARTTLS is used wherever the server offers it, and certificates are checked;
 * a password goes over TLS or not at all.
 */
export function createMailer({ smtpUrl, from }: MailSettings): Mailer {
  const url = new URL(smtpUrl.reveal())
  const transport = createTransport({
    pool: true,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(url.port !== '' && { port: Number(url.port) }),
    secure: url.protocol === 'smtps:',
    ...(url.username !== '' && {
      // Whoever sits in between could take STARTTLS out of what the server offers, and read the password.
      requireTLS: true,
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    maxConnections: 5,
    // A connection that is lost while a mail is on its way leaves open whether it arrived: that is for the queue to judge.
    maxRequeues: 0,
    idleTimeout: 30_000,
    connectionTimeout: connectionMs,
    greetingTimeout: connectionMs,
    socketTimeout: answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = /@([^@>\s]+)>?\s*$/.exec(from)?.[1] ?? 'localhost'
  return {
    async send(mail, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(wholeMs)])
      try {
        await transport.sendMail({
          ...(await renderMail(mail)),
          from,
          // As an object it is one address, whatever it looks like.
          to: { name: '', address: mail.to },
          messageId: `<${mail.messageId}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          signal: limit,
        })
        return { kind: 'sent' }
      } catch (error) {
        return outcomeOf(error)
      }
    },
    async [Symbol.asyncDispose]() {
      transport.close()
    },
  }
}

const SmtpError = z.object({
  code: z.string().optional(),
  responseCode: z.number().optional(),
  response: z.string().optional(),
})

/** What the server said about this mail or its address counts for it alone; everything else is about the server. */
function outcomeOf(error: unknown): MailOutcome {
  const { data } = SmtpError.safeParse(error)
  const why = (data?.response ?? data?.code ?? 'no answer').replaceAll(/\s+/g, ' ').slice(0, 200)
  const isAboutMail = data?.code === 'EENVELOPE' || data?.code === 'EMESSAGE'
  if (!isAboutMail) return { kind: 'away', why }
  // Refused by us before anybody was asked, e.g. an international address on a server that takes none.
  if (data.responseCode === undefined)
    return { kind: 'refused', why: error instanceof Error ? error.message : why }
  return { kind: data.responseCode >= 500 ? 'refused' : 'later', why }
}
