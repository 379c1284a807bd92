import { html } from 'hono/html'
import { liveScript } from '#src/sandbox/mailbox/live.ts'
import type { WikiSession } from '#src/sandbox/mailbox/wiki-sessions.ts'

type Markup = ReturnType<typeof html>

const style = `
:root { color-scheme: light dark; --ink: light-dark(#22301f, #dfe7dc); --ground: light-dark(#eef3ea, #161b15); --card: light-dark(#fff, #1f261d);
  --accent: light-dark(#2f6b2a, #9ad191); --on-accent: light-dark(#fff, #10200d); --faint: light-dark(#586653, #a2b09d) }
* { box-sizing: border-box }
body { margin: 0; padding: 2rem 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 Georgia, "Noto Serif", serif; overflow-wrap: anywhere }
main { max-inline-size: 40rem; margin: 0 auto; padding: 1.75rem; background: var(--card); border-radius: .5rem; border-block-start: .4rem solid var(--accent) }
h1 { margin: 0 0 1rem }
p, form { margin: 0 0 1rem }
a { color: var(--accent) }
.faint { color: var(--faint); font-size: .9rem }
.button { display: inline-block; padding: .6rem 1rem; border: 0; border-radius: .4rem; background: var(--accent); color: var(--on-accent); font: inherit; text-decoration: none; cursor: pointer }
`

function page(title: string, body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Wiki</title>
        <link rel="icon" href="data:," />
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
          <p class="faint">
            This wiki is a page of the sandbox. It knows nobody by itself: it asks Drawbridge, by OpenID
            Connect, and lets in who is in the local group Wiki.
          </p>
        </main>
      </body>
    </html>`
}

const signIn = html`<p><a class="button" href="/sign-in">Sign in with Drawbridge</a></p>`

/** What the wiki shows to a browser. */
export function front(session: WikiSession | undefined): Markup {
  if (session === undefined)
    return page(
      'Wiki',
      html`<p>You are not signed in.</p>
        ${signIn}`,
    )
  const { reader } = session
  switch (session.kind) {
    case 'open':
      return page(
        'Welcome to the wiki',
        html`<p>You are signed in as <b>${reader.email}</b>. Your groups: ${reader.groups.join(', ')}.</p>
          <p>Leave this page open while somebody disables you in Slack: it says so by itself.</p>
          <form method="post" action="/sign-out"><button class="button">Sign out</button></form>
          ${liveScript('/changes')}`,
      )
    case 'ended':
      return page(
        'You are signed out',
        html`<p role="status">
            At ${session.endedAt.toISOString().slice(11, 19)} UTC Drawbridge told the wiki that the sign-in of
            <b>${reader.email}</b> has ended.
          </p>
          ${signIn}`,
      )
  }
}

/** No access rule names whoever came back. */
export function notLetIn(): Markup {
  const sentence = html`<p>
    No rule of Drawbridge lets you reach this wiki. It is for the local group Wiki.
  </p>`
  return page('You were not let in', html`${sentence}${signIn}`)
}

/** Somebody came back with what counts no longer. */
export function startAgain(): Markup {
  return page(
    'Please sign in again',
    html`<p>This way in was used already, or is too old.</p>
      ${signIn}`,
  )
}
