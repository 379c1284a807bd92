import { errors, Provider } from 'oidc-provider'

const unfinished = 'temporarily_unavailable'

/** Refuses to begin one more sign-in from a source. It is said to the person: the service could do nothing about it. */
export function tooManyUnfinished(): Error {
  const error = new errors.CustomOIDCProviderError(unfinished, 'too many sign-ins were begun from there')
  return Object.assign(error, { status: 429, statusCode: 429, allow_redirect: false })
}

/** Refuses to look at one more secret of a client for so long. RFC 6749 has no word for it; RFC 6585 has the status. */
export function tooManySecrets(ms: number): Error {
  const seconds = Math.ceil(ms / 1_000)
  Provider.ctx?.set('retry-after', String(seconds))
  return Object.assign(new errors.InvalidClientAuth('too many wrong secrets'), {
    status: 429,
    statusCode: 429,
    error_description: `too many wrong secrets from there, try again in ${seconds} seconds`,
  })
}

/** Whether an error is this refusal. */
export function isTooManyUnfinished(error: unknown): boolean {
  return error instanceof errors.CustomOIDCProviderError && error.error === unfinished
}
