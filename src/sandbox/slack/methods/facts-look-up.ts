import type { MethodFacts } from '#src/sandbox/slack/methods/method.ts'

/** What Slack publishes about `users.*`, `usergroups.*` and what a token is. */
export const forPeople: Readonly<Record<string, MethodFacts>> = {
  'api.test': {
    scopes: '',
    tier: 't4',
    http: 'POST',
    required: '',
    args: 'error',
    errors: '',
  },
  'auth.test': {
    scopes: '',
    tier: 't5',
    http: 'POST',
    required: '',
    args: 'token',
    errors: 'internal_error invalid_auth',
  },
  'apps.connections.open': {
    scopes: '',
    tier: 't3',
    http: 'POST',
    required: '',
    args: 'token',
    errors: 'forbidden_team insecure_request internal_error invalid_auth missing_args',
  },
  'users.info': {
    scopes: 'users:read',
    tier: 't4',
    http: 'GET',
    required: 'user',
    args: 'include_locale token user',
    errors: 'too_many_users user_not_found user_not_visible',
  },
  'users.lookupByEmail': {
    scopes: 'users:read.email',
    tier: 't3',
    http: 'GET',
    required: 'email',
    args: 'email token',
    errors: 'enterprise_is_restricted users_not_found',
  },
  'users.list': {
    scopes: 'users:read',
    tier: 't2',
    http: 'GET',
    required: '',
    args: 'cursor include_locale limit team_id token',
    errors: 'invalid_cursor limit_required missing_argument',
  },
  'usergroups.list': {
    scopes: 'usergroups:read',
    tier: 't2',
    http: 'GET',
    required: '',
    args: 'include_count include_disabled include_users team_id token',
    errors: 'invalid_cursor invalid_team missing_argument plan_upgrade_required users_not_found',
  },
  'usergroups.users.list': {
    scopes: 'usergroups:read',
    tier: 't2',
    http: 'GET',
    required: 'usergroup',
    args: 'include_disabled team_id token usergroup',
    errors: 'invalid_cursor no_such_subteam plan_upgrade_required',
  },
  'bots.info': {
    scopes: 'users:read',
    tier: 't3',
    http: 'GET',
    required: '',
    args: 'bot team_id token',
    errors: 'bot_not_found bots_not_found missing_argument team_not_found',
  },
}

/** What Slack publishes about `conversations.*` and `files.*`. */
export const forPlaces: Readonly<Record<string, MethodFacts>> = {
  'conversations.open': {
    scopes: 'channels:manage groups:write im:write mpim:write',
    tier: 't3',
    http: 'POST',
    required: '',
    args: 'channel prevent_creation return_im token users',
    errors:
      'channel_not_found invalid_user_combination method_not_supported_for_channel_type ' +
      'missing_scope not_enough_users too_many_users user_disabled user_not_found user_not_visible ' +
      'users_list_not_supplied',
  },
  'conversations.replies': {
    scopes: 'channels:history groups:history im:history mpim:history',
    tier: 't3',
    http: 'GET',
    required: 'channel ts',
    args: 'channel cursor include_all_metadata inclusive latest limit oldest token ts',
    errors:
      'channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest ' +
      'invalid_ts_oldest list_record_comment_fetch_failed method_not_supported_for_channel_type ' +
      'missing_scope thread_not_found',
  },
  'conversations.history': {
    scopes: 'channels:history groups:history im:history mpim:history',
    tier: 't3',
    http: 'GET',
    required: 'channel',
    args: 'channel cursor include_all_metadata inclusive latest limit oldest token',
    errors:
      'channel_is_limited_access channel_not_found invalid_cursor invalid_metadata_filter_keys ' +
      'invalid_ts_latest invalid_ts_oldest not_in_channel',
  },
  'conversations.info': {
    scopes: 'channels:read groups:read im:read mpim:read',
    tier: 't3',
    http: 'GET',
    required: 'channel',
    args: 'channel include_locale include_num_members token',
    errors: 'channel_is_limited_access channel_not_found missing_scope',
  },
  'conversations.members': {
    scopes: 'channels:read groups:read im:read mpim:read',
    tier: 't4',
    http: 'GET',
    required: 'channel',
    args: 'channel cursor limit token',
    errors:
      'channel_not_found fetch_members_failed invalid_cursor invalid_limit ' +
      'method_not_supported_for_channel_type missing_scope',
  },
  'files.getUploadURLExternal': {
    scopes: 'files:write',
    tier: 't4',
    http: 'POST',
    required: 'length filename',
    args: 'alt_txt filename length snippet_type token',
    errors:
      'alt_txt_too_large file_type_not_allowed file_upload_size_restricted file_uploads_disabled ' +
      'file_uploads_except_images_disabled missing_argument snippet_too_large storage_limit_reached ' +
      'unknown_snippet_type unknown_subtype',
  },
  'files.completeUploadExternal': {
    scopes: 'files:write',
    tier: 't4',
    http: 'POST',
    required: 'files',
    args: 'blocks channel_id channels files icon_emoji icon_url initial_comment thread_ts token username',
    errors:
      'access_denied channel_not_found channels_limit_exceeded file_not_found file_type_not_allowed ' +
      'file_update_failed file_uploads_except_images_disabled invalid_blocks invalid_channel ' +
      'not_in_channel posting_to_channel_denied',
  },
  'files.info': {
    scopes: 'files:read',
    tier: 't4',
    http: 'GET',
    required: 'file',
    args: 'count cursor file limit page token',
    errors:
      'access_denied canvas_disabled_file_team canvas_disabled_user_team canvas_globally_disabled ' +
      'file_deleted file_not_found not_visible slack_connect_canvas_sharing_blocked ' +
      'template_not_visible',
  },
}
