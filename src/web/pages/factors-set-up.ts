import { UserError } from '#src/errors.ts'
import { factorsOf } from '#src/sign-in/factors.ts'
import { beginPasskeyAdd, finishPasskeyAdd } from '#src/sign-in/passkeys.ts'
import { makeRecoveryCodes } from '#src/sign-in/recovery-codes.ts'
import { findSession } from '#src/sign-in/session.ts'
import { beginTotp, finishTotp, openTotp } from '#src/sign-in/totp.ts'
import { pageToken } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { completeStep, readAnswer } from '#src/web/pages/factors-step.ts'
import { appPage, codesPage, passkeyPage } from '#src/web/pages/factors-views.ts'
import { fresh, type Who } from '#src/web/pages/fresh.ts'
import { problemOf, readForm, readId, show, statusOf } from '#src/web/pages/form.ts'
import { goOn, readReturnTo } from '#src/web/pages/return-to.ts'
import type { WebApp, WebContext } from '#src/web/server.ts'

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
  if (signedIn === undefined || recoveryCodesLeft > 0) return await goOn(context, deps, returnTo)
  const codes = await makeRecoveryCodes(users, signedIn, 'first_factor')
  return await show(context, deps, codesPage(codes, returnTo ?? '/access'))
}
