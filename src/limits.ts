/**
 * Which limit let something wait or refused it, for counting: by what it was counted, never who it was or whence it came.
 * They are labels of a metric; docs/operations.md says what each means.
 */
export const limitNames = [
  'password_by_address',
  'password_by_browser',
  'password_by_source',
  'password_by_network',
  'current_password',
  'passwords_at_once',
  'passwords_at_once_of_one',
  'code',
  'factor_question',
  'link_by_address',
  'link_by_source',
  'link_by_network',
  'client_secret',
  'openid_by_source',
  'openid_altogether',
] as const
export type LimitName = (typeof limitNames)[number]

/** Hears that a limit was met: once for each request, or for `times` at once. */
export type OnLimit = (limit: LimitName, times?: number) => void
