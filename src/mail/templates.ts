import { html } from 'hono/html'
import type { OutgoingMail } from '#src/local-users/send-mails.ts'

/** A mail as it is read. */
export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

const ours = 'Afterwards, the page behind it sends you a new one.'
const words = {
  enrollment: {
    subject: 'Set up your sign-in',
    first: 'An account was made for you. Set a password to use it:',
    button: 'Set up my sign-in',
    after: ours,
    other: 'If you did not expect this mail, you can leave it alone: without the link nothing happens.',
  },
  new_password: {
    subject: 'Choose a new password',
    first: 'Your password no longer works. Choose a new one:',
    button: 'Choose a new password',
    after: ours,
    other: 'Until then you cannot sign in. If you do not know why, ask your administrator.',
  },
  asked_link: {
    subject: 'The link you asked for',
    first: 'Somebody, probably you, asked on the sign-in page for a link to set a password. Here it is:',
    button: 'Set a password',
    after: 'Afterwards, ask for a new one on the sign-in page.',
    other: 'If it was not you, you can leave this mail alone: until the link is used, nothing changes.',
  },
  password_changed: {
    subject: 'Your password was changed',
    first:
      'The password of your sign-in was changed just now. Everywhere else, whoever was signed in with it was signed out.',
    button: 'Get a link for a new password',
    after: undefined,
    other: 'If it was not you, choose a new password at once and tell your administrator.',
  },
  factors_changed: {
    subject: 'Your second factors were changed',
    first:
      'An authenticator app or a passkey of your sign-in was added or removed just now. My access, where you sign in, shows what there is.',
    button: 'Get a link for a new password',
    after: undefined,
    other:
      'If it was you, there is nothing to do. If it was not, choose a new password at once and tell your administrator.',
  },
  factors_reset: {
    subject: 'Your second factors were taken away',
    first:
      'An administrator took your second factors and recovery codes away just now and signed you out everywhere. Sign in and set up new ones:',
    button: 'Sign in',
    after: undefined,
    other: 'If you did not ask for it, tell your administrator at once.',
  },
  recovery_codes: {
    subject: 'Your recovery codes',
    first:
      'One of your recovery codes was used just now to sign in, or new ones were made in place of the old. My access, where you sign in, shows how many are left.',
    button: 'Get a link for a new password',
    after: undefined,
    other:
      'If it was you, there is nothing to do. If it was not, somebody may know your password: choose a new one at once and tell your administrator.',
  },
  sign_in_slowed: {
    subject: 'Many tries to sign in as you',
    first:
      'Somebody tried ten wrong passwords for your address. Further tries have to wait; your password still works.',
    button: 'Get a link for a new password',
    after: undefined,
    other:
      'If it was you and you forgot the password, ask for a link. If it was not you, there is nothing to do: none of these tries opened your account.',
  },
} as const

const bodyStyle =
  'font-family: sans-serif; line-height: 1.5; max-width: 36rem; margin: 2rem auto; padding: 0 1rem'
const buttonStyle =
  'display: inline-block; padding: 0.6rem 1.2rem; background: #1f4e79; color: #fff; text-decoration: none; border-radius: 0.3rem'

/** Writes a mail as text and as HTML that says the same. The link in it is a secret. */
export async function renderMail(mail: OutgoingMail): Promise<RenderedMail> {
  const { subject, first, button, after, other } = words[mail.kind]
  const link = mail.link.reveal()
  const hours = mail.hoursGood === 1 ? 'one hour' : `${mail.hoursGood} hours`
  const good = after === undefined ? undefined : `The link works once and for ${hours}. ${after}`
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
        ${good === undefined ? '' : html`<p>${good}</p>`}
        <p>${other}</p>
        <p style="color: #555">${to}</p>
      </body>
    </html> `
  const text = [first, '', link, '', ...(good === undefined ? [] : [good]), other, '', to, ''].join('\n')
  return { subject, text, html: page.toString() }
}
