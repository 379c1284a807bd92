import type { Mailing } from '#src/local-users/send-mails.ts'
import { createMailer, type MailSettings } from '#src/mail/mailer.ts'
import type { Secret } from '#src/secrets.ts'

/**
 * Mails with links, as the configuration wants them: they need a mail server and a public address. Undefined while one of
 * the two is missing.
 */
export function createMailing(config: {
  readonly mail: MailSettings | undefined
  /** The newest secret first. */
  readonly web: { readonly publicUrl: string; readonly secrets: readonly Secret[] } | undefined
}): (Mailing & AsyncDisposable) | undefined {
  const [webSecret] = config.web?.secrets ?? []
  if (config.mail === undefined || config.web === undefined || webSecret === undefined) return undefined
  const mailer = createMailer(config.mail)
  return {
    publicUrl: config.web.publicUrl,
    webSecret,
    send: (mail, signal) => mailer.send(mail, signal),
    [Symbol.asyncDispose]: () => mailer[Symbol.asyncDispose](),
  }
}
