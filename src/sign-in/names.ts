import { UserError } from '#src/errors.ts'
import { longerThan, readDescription } from '#src/local-users/account.ts'

const longest = 60

/** What a factor is called; the usual name for an empty one. Throws `UserError('too_long')` under `name`. Pure. */
export function readFactorName(text: string, usual: string): string {
  const name = readDescription(text)
  if (longerThan(name, longest))
    throw new UserError('too_long', `A name has at most ${longest} characters.`, 'name')
  return name === '' ? usual : name
}
