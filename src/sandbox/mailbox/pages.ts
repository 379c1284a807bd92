import { Hono } from 'hono'
import type { Mailbox, SandboxMail } from '#src/sandbox/mailbox/mailbox.ts'
import { enrolledPeople, localPassword, sampleCsv, waitingPeople } from '#src/sandbox/mailbox/people.ts'
import { type Html, html, nothing } from '#src/sandbox/slack/index.ts'

/** Where things are that a reader can try with local users. */
export interface LocalUserLinks {
  /** Where local users sign in. */
  readonly signIn: string
  readonly wiki: string
}

// A mail may bring its own styles, and nothing else.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"

/** Mails as their readers see them, at `/mails/ID`, and a file to try an import with, at `/people.csv`. */
export function mailboxRoutes(mailbox: Pick<Mailbox, 'mails'>): Hono {
  const app = new Hono()
  app.get('/mails/:id', (context) => {
    const mail = mailbox.mails().find(({ id }) => id === context.req.param('id'))
    if (mail === undefined) return context.text('This mail is no longer here: the last 200 are kept.\n', 404)
    context.header('content-security-policy', mailPolicy)
    if (mail.html === undefined) return context.text(mail.text)
    return context.html(mail.html.replace(/<head>/i, '$&<base target="_blank">'))
  })
  app.get('/people.csv', (context) =>
    context.body(sampleCsv, 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="people.csv"',
    }),
  )
  return app
}

/** All mails, newest first, below what there is to try. */
export function mailboxHtml(mails: readonly SandboxMail[], links: LocalUserLinks): Html {
  return html`<div class="log" id="log" tabindex="0" role="region" aria-label="Mails">
    ${tryHtml(links)}
    ${mails.length === 0 ? html`<p class="empty">No mail was sent yet.</p>` : mails.map(mailHtml)}
  </div>`
}

function tryHtml({ signIn, wiki }: LocalUserLinks): Html {
  return html`<section class="card" id="try-local-users" aria-labelledby="try-local-users-title">
    <h2 id="try-local-users-title">People without an identity provider</h2>
    <p class="context">
      Drawbridge keeps their accounts itself, and they enroll by mail. No mail leaves this computer.
    </p>
    <ul class="tries">
      <li>
        ${listed(waitingPeople)} came without a password: set one with the link in their mail below, as they
        would.
      </li>
      <li>
        Be Olga or Lou and type <code>/local-users</code>. Add somebody, or import
        ${link('/people.csv', 'people.csv')}: some of its rows will do, others will not.
      </li>
      <li>
        Sign in to the ${link(wiki, 'wiki')}, which asks Drawbridge who people are. ${listed(enrolledPeople)}
        enrolled before you came, with the password <code>${localPassword}</code>. Only the group Wiki gets
        in.
      </li>
      <li>
        Leave the wiki open, be Rita, and disable whoever is signed in there: once Ana has approved, the wiki
        says so by itself.
      </li>
      <li>What local users see of themselves is at their ${link(`${signIn}/access`, 'sign-in page')}.</li>
    </ul>
    <p class="context">
      Signing in needs Chrome, Edge, Firefox or the like: Safari keeps no Secure cookies without TLS, not even
      of this computer itself.
    </p>
  </section>`
}

function listed(addresses: readonly string[]): readonly Html[] {
  const words = new Intl.ListFormat('en').formatToParts(addresses)
  return words.map(({ type, value }) => (type === 'element' ? html`<code>${value}</code>` : html`${value}`))
}

function mailHtml(mail: SandboxMail): Html {
  const shown = html`<p>${link(`/mails/${mail.id}`, 'Show it as a mail program does')}</p>`
  return html`<article class="card" id="mail/${mail.id}">
    <h2>${mail.subject}</h2>
    <p class="context">To ${mail.to} · ${mail.receivedAt.toISOString().slice(11, 16)} UTC</p>
    <div class="lines">${linked(mail.text.trim())}</div>
    ${mail.html === undefined ? nothing : shown}
  </article>`
}

function linked(text: string): readonly Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/u)
    .map((part, index) => (index % 2 === 0 ? html`${part}` : link(part, part)))
}

function link(to: string, words: string): Html {
  return html`<a href="${to}" rel="noopener noreferrer" target="_blank">${words}</a>`
}
