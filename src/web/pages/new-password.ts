import { html } from 'hono/html'
import { UserError } from '#src/errors.ts'
import { type Secret, secret } from '#src/secrets.ts'
import { field, type Markup, type Problem } from '#src/web/layout.ts'

/** The fields in which somebody types a new password, twice. */
export function newPasswordFields(problem: Problem | undefined, isFirst: boolean): Markup {
  const autocomplete = 'new-password'
  const hint = 'At least 12 characters. Several words that do not belong together are good.'
  return html`${field(
    { name: 'password', label: 'New password', type: 'password', autocomplete, hint, isFirst },
    problem,
  )}
  ${field({ name: 'again', label: 'The same password again', type: 'password', autocomplete }, problem)}`
}

/** The new password of such a form. Throws `UserError('not_confirmed')` under `again` when the two differ. */
export function readNewPassword(form: (name: string) => string): Secret {
  if (form('password') === form('again')) return secret(form('password'))
  throw new UserError('not_confirmed', 'The two are not the same. Type the same password twice.', 'again')
}

/** For whom the password is, told to password managers; people do not see it. */
export function nameForManagers(email: string): Markup {
  return html`<input
    class="hidden-name"
    type="email"
    name="email"
    value="${email}"
    autocomplete="username"
    readonly
    tabindex="-1"
    aria-hidden="true"
  />`
}
