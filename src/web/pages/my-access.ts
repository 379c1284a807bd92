import { html } from 'hono/html'
import { endOwnSessions, type OwnSession, ownSessions, type SignedIn } from '#src/sign-in/session.ts'
import type { Markup, Page } from '#src/web/layout.ts'
import { signedInOf } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { readForm, show } from '#src/web/pages/form.ts'
import { withReturnTo } from '#src/web/pages/return-to.ts'
import { timeText } from '#src/web/pages/words.ts'
import type { WebApp } from '#src/web/server.ts'

/** Adds something of its own to the page, e.g. second factors. */
export type AccessPart = (signedIn: SignedIn) => Promise<Markup>

/** My access: where I am signed in, to be ended here. */
export function accessPages(deps: PageDeps, parts: readonly AccessPart[] = []): (app: WebApp) => void {
  const { users } = deps
  return (app) => {
    app.get('/access', async (context) => {
      const signedIn = await signedInOf(context, users)
      if (signedIn === undefined) return context.redirect(withReturnTo('/sign-in', '/access'), 303)
      const sessions = await ownSessions(users, signedIn.userId)
      const more = await Promise.all(parts.map((part) => part(signedIn)))
      return await show(context, deps, accessPage(signedIn, sessions, more))
    })
    app.post('/access/sessions/end', async (context) => {
      const signedIn = await signedInOf(context, users)
      if (signedIn === undefined) return context.redirect('/sign-in', 303)
      const id = (await readForm(context))('id')
      await endOwnSessions(users, signedIn, id === '' ? { kind: 'others' } : { kind: 'one', id })
      return context.redirect('/access', 303)
    })
  }
}

function accessPage(signedIn: SignedIn, sessions: readonly OwnSession[], more: readonly Markup[]): Page {
  const open = sessions.filter(({ kind }) => kind !== 'step')
  const others = open.filter(({ id }) => id !== signedIn.sessionId)
  return {
    title: 'My access',
    isWide: true,
    body: html`<div class="bar">
        <p>
          Signed in as <strong><bdi>${signedIn.email}</bdi></strong>
        </p>
        <form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>
      </div>
      <h2>Where you are signed in</h2>
      <ul class="rows">
        ${open.map((session) => row(session, session.id === signedIn.sessionId))}
      </ul>
      ${
        others.length === 0
          ? ''
          : html`<form method="post" action="/access/sessions/end">
              <button class="quiet" name="id" value="">End all others</button>
            </form>`
      }
      ${more}`,
  }
}

/** What a session is for; behind the colon stands which one. */
const kindWords = new Map([
  ['page', 'This site'],
  ['forward', 'Protected site'],
])

function row(session: OwnSession, isThis: boolean): Markup {
  const { id, kind, label, signedInAt, endsAt } = session
  const name = label === '' ? 'Unnamed' : label
  return html`<li>
    <div>
      <p>
        <strong><bdi>${name}</bdi></strong> ·
        ${kindWords.get(kind.split(':', 1)[0] ?? '') ?? 'Service'}${isThis ? ' · this browser' : ''}
      </p>
      <p class="hint">Since ${timeText(signedInAt)}, at most until ${timeText(endsAt)}</p>
    </div>
    ${
      isThis
        ? ''
        : html`<form method="post" action="/access/sessions/end">
            <button class="quiet" name="id" value="${id}" aria-label="End the sign-in: ${name}">End</button>
          </form>`
    }
  </li>`
}
