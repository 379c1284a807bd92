import { createHmac } from 'node:crypto'
import { deriveKey, sameSecret, type Secret } from '#src/secrets.ts'

/** What a key is for: each purpose has its own, so that what was made for one counts nowhere else. */
export type KeyPurpose = 'known_browser'

/** Signs a text with the newest secret. Throws when there is none. */
export function sign(secrets: readonly Secret[], purpose: KeyPurpose, text: string): string {
  const [newest] = secrets
  if (newest === undefined) throw new Error('web.secret is empty')
  return mac(newest, purpose, text)
}

/** Whether one of the secrets signed the text: those that are on their way out count too. */
export function isSigned(
  secrets: readonly Secret[],
  purpose: KeyPurpose,
  text: string,
  signature: string,
): boolean {
  return secrets.some((one) => sameSecret(mac(one, purpose, text), signature))
}

function mac(webSecret: Secret, purpose: KeyPurpose, text: string): string {
  return createHmac('sha256', deriveKey(webSecret, purpose)).update(text).digest('base64url')
}
