import { errors } from 'oidc-provider'

const unfinished = 'temporarily_unavailable'

/** Refuses to begin one more sign-in from a source. It is said to the person: the service could do nothing about it. */
export function tooManyUnfinished(): Error {
  const error = new errors.CustomOIDCProviderError(unfinished, 'too many sign-ins were begun from there')
  return Object.assign(error, { status: 429, statusCode: 429, allow_redirect: false })
}

/** Whether an error is this refusal. */
export function isTooManyUnfinished(error: unknown): boolean {
  return error instanceof errors.CustomOIDCProviderError && error.error === unfinished
}
