import type { PasswordDeps } from '#src/local-users/password-history.ts'
import type { FactorDeps } from '#src/sign-in/factors.ts'
import type { SignIn } from '#src/sign-in/sign-in.ts'

/** What the pages need. */
export interface PageDeps {
  /** Of local users, their passwords and their factors. */
  readonly users: FactorDeps & PasswordDeps
  readonly signIn: SignIn
  /** Plain text for the top of the pages; empty for none. */
  readonly branding: () => Promise<string>
}
