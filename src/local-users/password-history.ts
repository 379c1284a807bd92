import { addToPasswords, lastPasswords } from '#db/queries/sign-in.ts'
import { keepPassword } from '#db/queries/local-users-sign-in.ts'
import type { WriteContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { checkPassword, hashPassword, isPassword } from '#src/local-users/password.ts'
import type { Secret } from '#src/secrets.ts'

const remembered = 5

/**
 * Looks at a new password of a person by all rules, and hashes it. Throws `UserError` under `password` where it will not
 * do: as `checkPassword`, or `already_there` for one of the person's last five.
 */
export async function hashNewPassword(
  deps: Pick<LocalUserDeps, 'store'>,
  { userId, email }: { readonly userId: string; readonly email: string },
  password: Secret,
): Promise<string> {
  checkPassword(password, email)
  await assertNotUsedBefore(deps, userId, password)
  return await hashPassword(password)
}

async function assertNotUsedBefore(
  { store }: Pick<LocalUserDeps, 'store'>,
  userId: string,
  password: Secret,
): Promise<void> {
  for (const hash of await store.read((ctx) => lastPasswords(ctx, userId, remembered)))
    if (await isPassword(hash, password)) {
      const sentence = 'You had this password before. Choose one that you have not used here yet.'
      throw new UserError('already_there', sentence, 'password')
    }
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
