import type { Mailing } from '#src/local-users/send-mails.ts'
import { createMailer, type MailSettings } from '#src/mail/mailer.ts'
import type { MailWatch } from '#src/mail/watch.ts'
import type { Secret } from '#src/secrets.ts'

/**
 * Mails with links, as the configuration wants them: they need a mail server and a public address. Undefined while one of
 * the two is missing. `watch` is told of each try.
 */
export function createMailing(
  config: {
    readonly mail: MailSettings | undefined
    /** The newest secret first. */
    readonly web: { readonly publicUrl: string; readonly secrets: readonly Secret[] } | undefined
  },
  watch: Pick<MailWatch, 'tried'>,
): (Mailing & AsyncDisposable) | undefined {
  const [webSecret] = config.web?.secrets ?? []
  if (config.mail === undefined || config.web === undefined || webSecret === undefined) return undefined
  const mailer = createMailer(config.mail)
  return {
    publicUrl: config.web.publicUrl,
    webSecret,
    async send(mail, signal) {
      const outcome = await mailer.send(mail, signal)
      // Told to stop is not the server's doing.
      if (!signal.aborted) watch.tried(outcome)
      return outcome
    },
    [Symbol.asyncDispose]: () => mailer[Symbol.asyncDispose](),
  }
}
