import { type Html, html } from '#src/sandbox/slack/index.ts'

/** The mails that arrived, newest first, and who wants to know of the next. */
export interface SandboxMails {
  readonly mails: () => readonly Mail[]
  readonly onMail: (listener: () => void) => () => void
}

/** A mail as it is shown. */
export interface Mail {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly receivedAt: Date
}

/** All mails; addresses in their text can be followed. */
export function mailboxHtml(mails: readonly Mail[]): Html {
  return html`<div class="log" id="log" tabindex="0" role="region" aria-label="Mails">
    ${mails.length === 0 ? html`<p class="empty">No mail was sent yet.</p>` : mails.map(mailHtml)}
  </div>`
}

function mailHtml(mail: Mail): Html {
  return html`<article class="card" id="mail/${mail.id}">
    <h2>${mail.subject}</h2>
    <p class="context">To ${mail.to} · ${clock(mail.receivedAt)}</p>
    <div class="lines">${linked(mail.text)}</div>
  </article>`
}

function linked(text: string): readonly Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/u)
    .map((part, index) =>
      index % 2 === 0
        ? html`${part}`
        : html`<a href="${part}" rel="noopener noreferrer" target="_blank">${part}</a>`,
    )
}

function clock(at: Date): string {
  return at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
