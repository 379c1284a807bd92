import { addToPasswords, lastPasswords } from '#db/queries/sign-in.ts'
import { keepPassword } from '#db/queries/local-users-sign-in.ts'
import type { WriteContext } from '#db/store.ts'
import { UserError } from '#src/errors.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { isPassword } from '#src/local-users/password.ts'
import type { Secret } from '#src/secrets.ts'

const remembered = 5

/** Throws `UserError('already_there')` under `password` when it is one of the person's last five. */
export async function assertNotUsedBefore(
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
