import { html } from 'hono/html'
import type { PasskeyQuestion } from '#src/sign-in/passkeys.ts'
import { field, type Markup, type Problem } from '#src/web/layout.ts'

/** Where to go on afterwards, as forms carry it; undefined for nowhere in particular. */
export type ReturnTo = string | undefined

/** What a form carries along without showing it. */
export const hidden = (name: string, value: string): Markup =>
  html`<input type="hidden" name="${name}" value="${value}" />`

/** A form that the browser answers with a passkey. */
export function passkeyForm(
  question: PasskeyQuestion,
  about: {
    readonly kind: 'add' | 'use'
    readonly action: string
    readonly label: string
    readonly inputs: Markup
  },
): Markup {
  return html`<form
    method="post"
    action="${about.action}"
    data-passkey="${about.kind}"
    data-options="${JSON.stringify(question.options)}"
    data-without="This browser knows no passkeys. Use another browser, or another way."
    data-failed="The browser did not get a passkey. Try again, or take another way."
  >
    ${hidden('challenge', question.challengeId)}${hidden('answer', '')}${about.inputs}
    <button>${about.label}</button>
    <p class="field-problem" role="status"></p>
    <noscript
      ><p class="hint">Passkeys need JavaScript in this browser. The other ways work without it.</p></noscript
    >
  </form>`
}

/** The field in which somebody names one of their factors. */
export function nameField(value: string, problem: Problem | undefined): Markup {
  const hint = 'What you know it by, if you have several.'
  return field(
    { name: 'name', label: 'Name', type: 'text', autocomplete: 'off', value, hint, maxLength: 60 },
    problem,
  )
}
