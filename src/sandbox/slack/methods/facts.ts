import { forChat, forViews } from '#src/sandbox/slack/methods/facts-talk.ts'
import { forPeople, forPlaces } from '#src/sandbox/slack/methods/facts-look-up.ts'
import type { MethodFacts } from '#src/sandbox/slack/methods/method.ts'

/** The methods this workspace serves. Cut from slack-ruby/slack-api-ref (MIT), commit f4837c0c; a test compares them. */
export const methodFacts: Readonly<Record<string, MethodFacts>> = {
  ...forChat,
  ...forViews,
  ...forPeople,
  ...forPlaces,
}

/** Errors that any method may answer (docs.slack.dev, "Errors" of each method page, the common part). */
export const commonErrors: readonly string[] = words(
  'access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied enterprise_is_restricted ' +
    'fatal_error internal_error invalid_arg_name invalid_arguments invalid_array_arg invalid_auth invalid_charset ' +
    'invalid_form_data invalid_post_type is_bot method_deprecated missing_post_type missing_scope no_permission ' +
    'not_allowed_token_type not_authed org_login_required ratelimited request_timeout service_unavailable ' +
    'team_access_not_granted team_added_to_org token_expired token_revoked two_factor_setup_required unknown_method',
)

/** A list written as words with spaces between. */
export function words(line: string): readonly string[] {
  return line === '' ? [] : line.split(' ')
}
