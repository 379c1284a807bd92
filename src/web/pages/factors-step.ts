import { UserError } from '#src/errors.ts'
import { beginPasskey, factorsOf, finishPasskey, verifyFactor } from '#src/sign-in/factors.ts'
import { arePasskeysPossible } from '#src/sign-in/passkeys.ts'
import type { FactorKind, SignedIn } from '#src/sign-in/session.ts'
import { browserLabel, keepPage, pageToken, stepToken } from '#src/web/pages/browser.ts'
import type { PageDeps } from '#src/web/pages/deps.ts'
import { choosePage, stepPage } from '#src/web/pages/factors-step-views.ts'
import { problemOf, readForm, readId, show, statusOf } from '#src/web/pages/form.ts'
import { goOn, readReturnTo, withReturnTo } from '#src/web/pages/return-to.ts'
import type { WebApp, WebContext } from '#src/web/server.ts'

/** A browser's answer as a form carries it: text that should be JSON, and is judged elsewhere. */
export function readAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Ends the second step with this factor and hands the browser its page session; returns the session's token. */
export async function completeStep(context: WebContext, deps: PageDeps, factor: FactorKind): Promise<string> {
  const browser = { label: browserLabel(context), before: pageToken(context) }
  const { token, mark } = await deps.signIn.complete(stepToken(context), factor, browser)
  keepPage(context, token, mark)
  return token.reveal()
}

interface StepAt {
  readonly half: SignedIn
  readonly returnTo: string | undefined
  readonly isRecovery: boolean
}

/** The second step of signing in; for somebody without a second factor, choosing one. */
export function stepPages(deps: PageDeps): (app: WebApp) => void {
  const { users, signIn } = deps
  const halfWay = async (context: WebContext) => await signIn.halfWay(stepToken(context))
  const begin = (context: WebContext, returnTo: string | undefined) =>
    context.redirect(withReturnTo('/sign-in', returnTo), 303)
  return (app) => {
    app.get('/sign-in/step', async (context) => {
      const returnTo = readReturnTo(context.req.query('return_to'))
      const half = await halfWay(context)
      if (half === undefined) return begin(context, returnTo)
      const isRecovery = context.req.query('with') === 'recovery_code'
      return await showStep(context, deps, { half, returnTo, isRecovery })
    })
    app.post('/sign-in/step', async (context) => {
      const form = await readForm(context)
      const returnTo = readReturnTo(form('return_to'))
      const half = await halfWay(context)
      if (half === undefined) return begin(context, returnTo)
      const isRecovery = form('kind') === 'recovery_code'
      const kind = isRecovery ? 'recovery_code' : 'totp'
      try {
        await verifyFactor(users, half.userId, { kind, code: form('code') })
      } catch (error) {
        return await showStep(context, deps, { half, returnTo, isRecovery }, error)
      }
      await completeStep(context, deps, kind)
      return await goOn(context, deps, returnTo)
    })
    app.post('/sign-in/step/passkey', async (context) => {
      const form = await readForm(context)
      const returnTo = readReturnTo(form('return_to'))
      const half = await halfWay(context)
      if (half === undefined) return begin(context, returnTo)
      try {
        const given = { challengeId: readId(form('challenge')), answer: readAnswer(form('answer')) }
        await finishPasskey(users, half, given)
      } catch (error) {
        return await showStep(context, deps, { half, returnTo, isRecovery: false }, error)
      }
      await completeStep(context, deps, 'passkey')
      return await goOn(context, deps, returnTo)
    })
  }
}

async function showStep(context: WebContext, deps: PageDeps, at: StepAt, error?: unknown): Promise<Response> {
  const { users } = deps
  const { half, returnTo, isRecovery } = at
  const { all, recoveryCodesLeft } = await factorsOf(users, half.userId)
  const arePossible = arePasskeysPossible(users.web.publicUrl)
  if (all.length === 0) return await show(context, deps, choosePage(returnTo, arePossible))
  const hasPasskey = arePossible && all.some(({ kind }) => kind === 'passkey')
  const passkey = hasPasskey ? await beginPasskey(users, half).catch(tooManyOf) : undefined
  const refusal = error ?? (passkey instanceof UserError ? passkey : undefined)
  const page = stepPage({
    returnTo,
    passkey: passkey instanceof UserError ? undefined : passkey,
    hasApp: all.some(({ kind }) => kind === 'totp'),
    hasRecoveryCodes: recoveryCodesLeft > 0,
    isRecovery,
    problem: refusal === undefined ? undefined : problemOf(refusal),
  })
  return await show(context, deps, page, refusal === undefined ? 200 : statusOf(refusal))
}

/** Too many questions about passkeys leave the other factors as they are; anything else goes on. */
function tooManyOf(error: unknown): UserError {
  if (error instanceof UserError && error.code === 'too_many') return error
  throw error
}
