import { createCipheriv, createDecipheriv } from 'node:crypto'
import { newId } from '#src/ids.ts'
import { deriveKey, type Secret, secret } from '#src/secrets.ts'

/** `web.secret`, the newest first. At least one. */
export type WebSecrets = readonly Secret[]

/** For what and for whom something is sealed: it opens nowhere else. */
export interface SealedFor {
  readonly label: string
  readonly owner: string
}

const nonceBytes = 12
const tagBytes = 16

/** Seals a text for keeping, under the newest secret (AES-256-GCM). */
export function seal(secrets: WebSecrets, { label, owner }: SealedFor, text: Secret): string {
  const [newest] = secrets
  if (newest === undefined) throw new Error('there is no web.secret to seal with')
  const nonce = Buffer.from(newId(), 'base64url').subarray(0, nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(newest, label), nonce).setAAD(Buffer.from(owner))
  const body = Buffer.concat([cipher.update(text.reveal(), 'utf8'), cipher.final()])
  return `1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
}

/** Opens what was sealed under any of the secrets; undefined when it was sealed under none of them, or for somebody else. */
export function unseal(secrets: WebSecrets, { label, owner }: SealedFor, sealed: string): Secret | undefined {
  const [version, text = ''] = sealed.split('.')
  const bytes = Buffer.from(text, 'base64url')
  if (version !== '1' || bytes.length < nonceBytes + tagBytes) return undefined
  for (const one of secrets) {
    const nonce = bytes.subarray(0, nonceBytes)
    const decipher = createDecipheriv('aes-256-gcm', deriveKey(one, label), nonce)
    decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
    const body = decipher.update(bytes.subarray(nonceBytes + tagBytes))
    try {
      return secret(Buffer.concat([body, decipher.final()]).toString('utf8'))
    } catch {
      // Another secret's: the next one may fit.
    }
  }
  return undefined
}
