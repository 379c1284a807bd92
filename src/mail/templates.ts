import { html } from 'hono/html'
import type { OutgoingMail } from '#src/local-users/send-mails.ts'

/** A mail as it is read. */
export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const words = {
  enrollment: {
    subject: 'Set up your sign-in',
    first: 'An account was made for you. Set a password to use it:',
    button: 'Set up my sign-in',
  },
  new_password: {
    subject: 'Choose a new password',
    first: 'Your password no longer works. Choose a new one:',
    button: 'Choose a new password',
  },
} as const

const bodyStyle =
  'font-family: sans-serif; line-height: 1.5; max-width: 36rem; margin: 2rem auto; padding: 0 1rem'
const buttonStyle =
  'display: inline-block; padding: 0.6rem 1.2rem; background: #1f4e79; color: #fff; text-decoration: none; border-radius: 0.3rem'

/** Writes a mail as text and as HTML that says the same. The link in it is a secret. */
export async function renderMail(mail: OutgoingMail): Promise<RenderedMail> {
  const { subject, first, button } = words[mail.kind]
  const link = mail.link.reveal()
  const good = `The link works once and for ${mail.hoursGood} hours. Afterwards, ask your administrator for a new one.`
  const other = 'If you did not expect this mail, you can leave it alone: without the link nothing happens.'
  const to = `This mail is for ${mail.to}.`
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${subject}</title>
      </head>
      <body style="${bodyStyle}">
        <p>${first}</p>
        <p><a href="${link}" style="${buttonStyle}">${button}</a></p>
        <p>${good}</p>
        <p>${other}</p>
        <p style="color: #555">${to}</p>
      </body>
    </html> `
  const text = [first, '', link, '', good, other, '', to, ''].join('\n')
  return { subject, text, html: page.toString() }
}
