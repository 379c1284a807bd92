import { addToPasswords, lastPasswords } from '#db/queries/sign-in.ts'
import { keepPassword } from '#db/queries/local-users-sign-in.ts'
import type { WriteContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import type { BreachedPasswords } from '#src/local-users/breached-passwords.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { checkPassword, hashPassword, isPassword } from '#src/local-users/password.ts'
import type { Secret } from '#src/secrets.ts'
import { addressKey } from '#src/local-users/account.ts'
import type { PasswordTurns } from '#src/local-users/password-turns.ts'

const remembered = 5

/** What judging new passwords needs. */
export interface PasswordDeps extends LocalUserDeps {
  /** Asked beside the words that everybody tries; where it is left out nobody is asked. */
  readonly breached?: BreachedPasswords | undefined
  /** Where it is left out nobody waits for others. */
  readonly turns?: PasswordTurns | undefined
}

/**
 * Looks at a new password of a person by all rules, and hashes it. Throws `UserError` under `password` where it will not
 * do: as `checkPassword`, `already_there` for one of the person's last five, `not_understood` for one that was stolen
 * somewhere, `too_many` without a field.
 */
export async function hashNewPassword(
  deps: PasswordDeps,
  { userId, email }: { readonly userId: string; readonly email: string },
  password: Secret,
): Promise<string> {
  checkPassword(password, email)
  await assertNotUsedBefore(deps, { userId, email }, password)
  if (await deps.breached?.has(password)) {
    const sentence =
      'This password was stolen somewhere and stands in lists that are tried first. Choose one that you use nowhere else.'
    throw new UserError('not_understood', sentence, 'password')
  }
  return await inTurn(deps, email, () => hashPassword(password))
}

async function assertNotUsedBefore(
  deps: PasswordDeps,
  { userId, email }: { readonly userId: string; readonly email: string },
  password: Secret,
): Promise<void> {
  for (const hash of await deps.store.read((ctx) => lastPasswords(ctx, userId, remembered)))
    if (await inTurn(deps, email, () => isPassword(hash, password))) {
      const sentence = 'You had this password before. Choose one that you have not used here yet.'
      throw new UserError('already_there', sentence, 'password')
    }
}

/** Does work on a person's password in its turn. Throws `UserError('too_many')` where too much of it waits. */
export async function inTurn<T>(
  { turns }: Pick<PasswordDeps, 'turns'>,
  email: string,
  work: () => Promise<T>,
): Promise<T> {
  return turns === undefined
    ? await work()
    : await turns.take({ kind: 'person', key: addressKey(email) }, work)
}

/** Makes this the person's password and remembers it among the last ones. */
export async function setPassword(
  ctx: WriteContext,
  password: { readonly userId: string; readonly hash: string; readonly changedAt: Date },
): Promise<void> {
  const { userId, hash } = password
  await keepPassword(ctx, password)
  await addToPasswords(ctx, { userId, hash }, remembered)
}
