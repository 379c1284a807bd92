import { UserError } from '#src/errors.ts'
import { factorsOf } from '#src/sign-in/factors.ts'
import { beginPasskeyAdd, finishPasskeyAdd } from '#src/sign-in/passkeys.ts'
import { makeRecoveryCodes } from '#src/sign-in/recovery-codes.ts'
import { findSession, type SignedIn } from '#src/sign-in/session.ts'
import { beginTotp, finishTotp, openTotp } from '#src/sign-in/totp.ts'
import { pageToken, signedInOf, stepToken } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { completeStep, readAnswer } from '#src/web/pages/factors-step.ts'
import { againPage, appPage, codesPage, passkeyPage } from '#src/web/pages/factors-views.ts'
import { problemOf, readForm, readId, show, statusOf } from '#src/web/pages/form.ts'
import { goOn, readReturnTo, withReturnTo } from '#src/web/pages/return-to.ts'
import type { WebApp, WebContext } from '#src/web/server.ts'

/** Somebody on a page about their factors: signed in, or between the password and their first factor. */
interface Who {
  readonly signedIn: SignedIn
  readonly isHalfWay: boolean
}

/** Who that is: whoever is signed in, else who has to set up a first factor before they are. */
async function whoIs(context: WebContext, deps: PageDeps): Promise<Who | undefined> {
  const signedIn = await signedInOf(context, deps.users)
  if (signedIn !== undefined) return { signedIn, isHalfWay: false }
  const half = await deps.signIn.halfWay(stepToken(context))
  return half && { signedIn: half, isHalfWay: true }
}

/** Runs what needs a sign-in that is fresh; anybody else is led to one, and back. */
export async function fresh(
  context: WebContext,
  deps: PageDeps,
  back: string,
  work: (who: Who) => Promise<Response>,
): Promise<Response> {
  const who = await whoIs(context, deps)
  if (who === undefined) return context.redirect(withReturnTo('/sign-in', back), 303)
  try {
    return await work(who)
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'sign_in_again') throw error
    // Half way with a factor: the second step comes first.
    if (who.isHalfWay) return context.redirect(withReturnTo('/sign-in/step', back), 303)
    return await show(context, deps, againPage(back, error.message))
  }
}

/** Setting up authenticator apps and passkeys. */
export function setUpPages(deps: PageDeps): (app: WebApp) => void {
  const { users } = deps
  return (app) => {
    app.get('/access/app', (context) =>
      fresh(context, deps, '/access/app', async ({ signedIn }) => {
        const returnTo = readReturnTo(context.req.query('return_to'))
        return await show(context, deps, await appPage(await beginTotp(users, signedIn), { returnTo }))
      }),
    )
    app.post('/access/app', (context) =>
      fresh(context, deps, '/access/app', async (who) => {
        const form = await readForm(context)
        const returnTo = readReturnTo(form('return_to'))
        const given = { id: readId(form('set_up')), code: form('code'), name: form('name') }
        try {
          await finishTotp(users, who.signedIn, given)
        } catch (error) {
          if (error instanceof UserError && error.field === undefined) throw error
          const shown = { returnTo, name: given.name, problem: problemOf(error) }
          const page = await appPage(await openTotp(users, who.signedIn, given.id), shown)
          return await show(context, deps, page, statusOf(error))
        }
        return await added(context, deps, who, 'totp', returnTo)
      }),
    )
    app.get('/access/passkey', (context) =>
      fresh(context, deps, '/access/passkey', async ({ signedIn }) => {
        const returnTo = readReturnTo(context.req.query('return_to'))
        return await show(context, deps, passkeyPage(await beginPasskeyAdd(users, signedIn), { returnTo }))
      }),
    )
    app.post('/access/passkey', (context) =>
      fresh(context, deps, '/access/passkey', async (who) => {
        const form = await readForm(context)
        const returnTo = readReturnTo(form('return_to'))
        const answer = readAnswer(form('answer'))
        try {
          const given = { challengeId: readId(form('challenge')), answer, name: form('name') }
          await finishPasskeyAdd(users, who.signedIn, given)
        } catch (error) {
          if (error instanceof UserError && error.code === 'sign_in_again') throw error
          const problem = problemOf(error)
          const page = passkeyPage(await beginPasskeyAdd(users, who.signedIn), { returnTo, problem })
          return await show(context, deps, page, statusOf(error))
        }
        return await added(context, deps, who, 'passkey', returnTo)
      }),
    )
  }
}

/** Signs somebody in who was half way; with the first factor come the recovery codes. */
async function added(
  context: WebContext,
  deps: PageDeps,
  who: Who,
  kind: 'totp' | 'passkey',
  returnTo: string | undefined,
): Promise<Response> {
  const { users } = deps
  const token = who.isHalfWay ? await completeStep(context, deps, kind) : (pageToken(context) ?? '')
  const signedIn = await findSession(users, token, 'page')
  const { recoveryCodesLeft } = await factorsOf(users, who.signedIn.userId)
  if (signedIn === undefined || recoveryCodesLeft > 0) return await goOn(context, returnTo)
  const codes = await makeRecoveryCodes(users, signedIn, 'first_factor')
  return await show(context, deps, codesPage(codes, returnTo ?? '/access'))
}
