import type { MethodFacts } from '#src/sandbox/slack/methods/method.ts'

/** What Slack publishes about `chat.*`. */
export const forChat: Readonly<Record<string, MethodFacts>> = {
  'chat.postMessage': {
    scopes: 'chat:write',
    tier: 't5',
    http: 'POST',
    required: 'channel',
    args:
      'as_user attachments blocks channel current_draft_last_updated_ts icon_emoji icon_url ' +
      'link_names markdown_text metadata mrkdwn parse reply_broadcast text thread_ts token ' +
      'unfurl_links unfurl_media username',
    errors:
      'app_access_restricted as_user_not_supported attachment_payload_limit_exceeded ' +
      'cannot_reply_to_message channel_not_found draft_already_deleted draft_already_sent ' +
      'draft_has_conflict draft_not_found duplicate_channel_not_found duplicate_message_not_found ' +
      'ekm_access_denied invalid_blocks invalid_blocks_format invalid_metadata_format ' +
      'invalid_metadata_schema is_archived markdown_text_conflict message_limit_exceeded ' +
      'messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large missing_file_data ' +
      'msg_blocks_too_long no_text not_in_channel rate_limited restricted_action ' +
      'restricted_action_non_threadable_channel restricted_action_read_only_channel ' +
      'restricted_action_thread_locked restricted_action_thread_only_channel ' +
      'send_on_behalf_not_allowed slack_connect_canvas_sharing_blocked ' +
      'slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked team_not_found ' +
      'too_many_attachments too_many_contact_cards',
  },
  'chat.update': {
    scopes: 'chat:write',
    tier: 't3',
    http: 'POST',
    required: 'ts channel',
    args:
      'as_user attachments blocks channel file_ids link_names markdown_text metadata parse ' +
      'reply_broadcast text token ts unfurled_attachments',
    errors:
      'as_user_not_supported block_mismatch blocked_file_type cant_broadcast_message ' +
      'cant_update_message channel_not_found edit_window_closed external_channel_migrating ' +
      'file_deleted file_is_deleted file_not_found file_share_limit_reached invalid_attachments ' +
      'invalid_blocks invalid_blocks_format invalid_metadata_format invalid_metadata_schema ' +
      'is_inactive markdown_text_conflict max_file_sharing_exceeded message_limit_exceeded ' +
      'message_not_found metadata_must_be_sent_from_app metadata_too_large msg_too_long ' +
      'no_dual_broadcast_content_update no_text posting_to_channel_denied ' +
      'slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked ' +
      'slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked ' +
      'slack_connect_file_upload_sharing_blocked streaming_state_conflict team_not_found ' +
      'too_many_attachments unable_to_share_files update_failed',
  },
  'chat.delete': {
    scopes: 'chat:write',
    tier: 't3',
    http: 'POST',
    required: 'ts channel',
    args: 'as_user channel token ts',
    errors: 'cant_delete_message channel_not_found message_not_found',
  },
  'chat.postEphemeral': {
    scopes: 'chat:write',
    tier: 't4',
    http: 'POST',
    required: 'user channel',
    args:
      'as_user attachments blocks channel icon_emoji icon_url link_names markdown_text metadata ' +
      'parse text thread_ts token user username',
    errors:
      'cannot_reply_to_message channel_not_found invalid_attachments invalid_blocks ' +
      'invalid_blocks_format is_archived markdown_text_conflict message_limit_exceeded ' +
      'messages_tab_disabled msg_too_long no_text not_in_channel restricted_action ' +
      'too_many_attachments user_not_in_channel',
  },
  'chat.getPermalink': {
    scopes: '',
    tier: 't5',
    http: 'GET',
    required: 'channel message_ts',
    args: 'channel message_ts token',
    errors: 'channel_not_found message_not_found',
  },
}

/** What Slack publishes about `views.*`. */
export const forViews: Readonly<Record<string, MethodFacts>> = {
  'views.open': {
    scopes: '',
    tier: 't4',
    http: 'POST',
    required: 'view',
    args: 'interactivity_pointer token trigger_id view',
    errors: 'duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id view_too_large',
  },
  'views.update': {
    scopes: '',
    tier: 't4',
    http: 'POST',
    required: 'view',
    args: 'external_id hash token view view_id',
    errors: 'duplicate_external_id hash_conflict not_found view_too_large',
  },
  'views.push': {
    scopes: '',
    tier: 't4',
    http: 'POST',
    required: 'view',
    args: 'interactivity_pointer token trigger_id view',
    errors:
      'duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id not_found ' +
      'push_limit_reached view_too_large',
  },
  'views.publish': {
    scopes: '',
    tier: 't4',
    http: 'POST',
    required: 'user_id view',
    args: 'hash interactivity_pointer token user_id view',
    errors:
      'duplicate_external_id hash_conflict missing_profile_id not_allowed_token_type not_enabled ' +
      'not_implemented view_too_large',
  },
}
