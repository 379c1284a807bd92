import { html } from 'hono/html'
import { UserError } from '#src/errors.ts'
import { askBinding, openBinding, type SlackName } from '#src/sign-in/bindings.ts'
import type { SignedIn } from '#src/sign-in/session.ts'
import type { Page } from '#src/web/layout.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { fresh } from '#src/web/pages/fresh.ts'
import { problemOf, show } from '#src/web/pages/form.ts'
import { withReturnTo } from '#src/web/pages/return-to.ts'
import type { WebApp, WebContext } from '#src/web/server.ts'

/** What linking Slack people needs beside the other pages. */
export interface SlackPageDeps extends PageDeps {
  /** Slack users and user groups that hold the role owner. */
  readonly owners: readonly string[]
}

/** Where the link in a Slack person's direct message leads: shows which local user they are. */
export function slackPages(deps: SlackPageDeps): (app: WebApp) => void {
  const { owners } = deps
  const users = { ...deps.users, owners }
  const act = (context: WebContext, work: (signedIn: SignedIn, token: string) => Promise<Page>) => {
    const token = context.req.param('token') ?? ''
    const back = `/link-slack/${encodeURIComponent(token)}`
    return fresh(context, deps, back, async ({ signedIn, isHalfWay }) => {
      if (isHalfWay) return context.redirect(withReturnTo('/sign-in/step', back), 303)
      try {
        return await show(context, deps, await work(signedIn, token))
      } catch (error) {
        const { sentence } = problemOf(error)
        if (error instanceof UserError && error.code === 'sign_in_again') throw error
        return await show(context, deps, refusedPage(sentence), 410)
      }
    })
  }
  return (app) => {
    app.get('/link-slack/:token', (context) =>
      act(context, async (signedIn, token) =>
        askPage(await openBinding(users, signedIn, token), signedIn, token),
      ),
    )
    app.post('/link-slack/:token', (context) =>
      act(context, async (signedIn, token) => {
        await askBinding(users, signedIn, token)
        return askedPage
      }),
    )
  }
}

function askPage({ name, email: slackEmail }: SlackName, { email }: SignedIn, token: string): Page {
  return {
    title: 'Link your Slack account',
    body: html`<p>
        You are signed in as <strong><bdi>${email}</bdi></strong
        >. In Slack you are <strong><bdi>${name}</bdi></strong> (<bdi>${slackEmail}</bdi>).
      </p>
      <p>
        Once an owner has confirmed it, the codes of your authenticator app count for your decisions in Slack.
      </p>
      <form method="post" action="/link-slack/${encodeURIComponent(token)}">
        <button>Yes, both are me</button>
      </form>
      <p class="more"><a href="/access">This is not me</a></p>`,
  }
}

const askedPage: Page = {
  title: 'Now an owner has to confirm it',
  body: html`<p>
      The owners of Drawbridge were asked in Slack. You get a message there once one of them has answered.
    </p>
    <a class="button" href="/access">My access</a>`,
}

function refusedPage(sentence: string): Page {
  return {
    title: 'Not linked',
    body: html`<p>${sentence}</p>
      <p><a href="/access">My access</a></p>`,
  }
}
