import { html } from 'hono/html'
import type { PasskeyQuestion } from '#src/sign-in/passkeys.ts'
import { field, type Page, problemBox, type Problem } from '#src/web/layout.ts'
import { hidden, passkeyForm, type ReturnTo } from '#src/web/pages/factors-forms.ts'
import { passkeyScriptPath } from '#src/web/passkey-script.ts'

/** What the second step shows. */
export interface StepShown {
  readonly returnTo: ReturnTo
  readonly passkey: PasskeyQuestion | undefined
  readonly hasApp: boolean
  readonly hasRecoveryCodes: boolean
  /** The person wants to type a recovery code. */
  readonly isRecovery: boolean
  readonly problem?: Problem | undefined
}

/** The second step of signing in. */
export function stepPage(shown: StepShown): Page {
  const { returnTo = '', passkey, hasApp, hasRecoveryCodes, isRecovery, problem } = shown
  const query = returnTo === '' ? '' : `&return_to=${encodeURIComponent(returnTo)}`
  const kind = isRecovery ? 'recovery_code' : 'totp'
  const code = html`<form method="post" action="/sign-in/step">
    ${hidden('return_to', returnTo)}${hidden('kind', kind)}
    ${field(
      {
        name: 'code',
        label: isRecovery ? 'Recovery code' : 'Code of your authenticator app',
        type: 'text',
        autocomplete: isRecovery ? 'off' : 'one-time-code',
        isCode: true,
        isFirst: true,
        maxLength: 60,
        hint: isRecovery ? 'Each of your recovery codes works once.' : 'The six digits that it shows now.',
      },
      problem,
    )}
    <button>Go on</button>
  </form>`
  const key =
    passkey === undefined
      ? ''
      : passkeyForm(passkey, {
          kind: 'use',
          action: '/sign-in/step/passkey',
          label: 'Use a passkey',
          inputs: hidden('return_to', returnTo),
        })
  const other = isRecovery
    ? html`<p class="more"><a href="/sign-in/step?${query.slice(1)}">Use your usual way instead</a></p>`
    : html`<p class="more"><a href="/sign-in/step?with=recovery_code${query}">Use a recovery code</a></p>`
  return {
    title: 'One more step',
    scripts: passkey === undefined || isRecovery ? [] : [passkeyScriptPath],
    body: html`${problemBox(problem, hasApp || isRecovery ? ['code'] : [])}
      ${isRecovery ? code : html`${key}${hasApp ? code : ''}`} ${isRecovery || hasRecoveryCodes ? other : ''}
      <p class="more">Lost them all? Ask your administrator to reset your second factors.</p>`,
  }
}

/** Choosing the first second factor, where one is required. */
export function choosePage(returnTo: ReturnTo, arePasskeysOffered: boolean): Page {
  const query = returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`
  return {
    title: 'Set up a second factor',
    body: html`<p>Everybody signs in with a second factor here, so that a password alone opens nothing.</p>
      <p><a class="button" href="/access/app${query}">Use an authenticator app</a></p>
      ${
        arePasskeysOffered
          ? html`<p><a class="button" href="/access/passkey${query}">Use a passkey</a></p>
              <p class="hint">A passkey is this device’s fingerprint, face or PIN, or a security key.</p>`
          : ''
      }`,
  }
}
