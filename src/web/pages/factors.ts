import { html } from 'hono/html'
import { UserError } from '#src/errors.ts'
import { factorsOf, removeFactor, renameFactor } from '#src/sign-in/factors.ts'
import { arePasskeysPossible } from '#src/sign-in/passkeys.ts'
import { makeRecoveryCodes } from '#src/sign-in/recovery-codes.ts'
import { endSession, type SignedIn } from '#src/sign-in/session.ts'
import { forgetPage, signedInOf } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { setUpPages } from '#src/web/pages/factors-set-up.ts'
import { fresh } from '#src/web/pages/fresh.ts'
import { stepPages } from '#src/web/pages/factors-step.ts'
import { codesPage, factorPage, factorsPart } from '#src/web/pages/factors-views.ts'
import { problemOf, readForm, readId, show, statusOf } from '#src/web/pages/form.ts'
import type { AccessPart } from '#src/web/pages/my-access.ts'
import { readReturnTo, withReturnTo } from '#src/web/pages/return-to.ts'
import { passkeyScript, passkeyScriptPath } from '#src/web/passkey-script.ts'
import type { WebApp, WebContext } from '#src/web/server.ts'

/** Second factors: the second step of signing in, setting up apps and passkeys, recovery codes, one's own factors. */
export function factorPages(deps: PageDeps): (app: WebApp) => void {
  return (app) => {
    app.get(passkeyScriptPath, (context) => {
      context.header('cache-control', 'public, max-age=31536000, immutable')
      return context.body(passkeyScript, 200, { 'content-type': 'text/javascript; charset=utf-8' })
    })
    stepPages(deps)(app)
    setUpPages(deps)(app)
    ownPages(deps)(app)
  }
}

/** The part of "My access" about second factors. */
export function factorsOfMine(deps: PageDeps): AccessPart {
  const areOffered = arePasskeysPossible(deps.users.web.publicUrl)
  return async ({ userId }) => factorsPart(await factorsOf(deps.users, userId), areOffered)
}

function ownPages(deps: PageDeps): (app: WebApp) => void {
  const { users } = deps
  const one = async (context: WebContext, signedIn: SignedIn, error?: unknown) => {
    const { all } = await factorsOf(users, signedIn.userId)
    const found = all.find(({ id }) => id === context.req.param('id'))
    if (found === undefined) return await show(context, deps, gonePage, 410)
    if (error === undefined) return await show(context, deps, factorPage(found))
    return await show(context, deps, factorPage(found, problemOf(error)), statusOf(error))
  }
  const change = (context: WebContext, work: (signedIn: SignedIn, id: string) => Promise<void>) =>
    fresh(context, deps, '/access', async ({ signedIn }) => {
      try {
        await work(signedIn, readId(context.req.param('id')))
        return context.redirect('/access', 303)
      } catch (error) {
        if (error instanceof UserError && error.code === 'sign_in_again') throw error
        return await one(context, signedIn, error)
      }
    })
  return (app) => {
    app.get('/access/factor/:id', async (context) => {
      const signedIn = await signedInOf(context, users)
      if (signedIn === undefined) return context.redirect(withReturnTo('/sign-in', '/access'), 303)
      return await one(context, signedIn)
    })
    app.post('/access/factor/:id/name', async (context) => {
      const name = (await readForm(context))('name')
      return await change(context, (signedIn, id) => renameFactor(users, signedIn, { id, name }))
    })
    app.post('/access/factor/:id/remove', (context) =>
      change(context, (signedIn, id) => removeFactor(users, signedIn, id)),
    )
    app.post('/access/recovery-codes', (context) =>
      fresh(context, deps, '/access', async ({ signedIn }) =>
        show(context, deps, codesPage(await makeRecoveryCodes(users, signedIn), '/access')),
      ),
    )
    app.post('/access/sign-in-again', async (context) => {
      const returnTo = readReturnTo((await readForm(context))('return_to'))
      const signedIn = await signedInOf(context, users)
      if (signedIn !== undefined) await endSession(users, signedIn.sessionId)
      forgetPage(context)
      return context.redirect(withReturnTo('/sign-in', returnTo), 303)
    })
  }
}

const gonePage = {
  title: 'No longer there',
  body: html`<p>This second factor was removed. <a href="/access">Back to my access</a>.</p>`,
}
