CREATE TABLE `access_rules` (
	`id` text PRIMARY KEY NOT NULL,
	`resource_kind` text NOT NULL,
	`resource_id` text NOT NULL,
	`who_kind` text NOT NULL,
	`who_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `access_rules_once` ON `access_rules` (`resource_kind`,`resource_id`,`who_kind`,`who_id`);--> statement-breakpoint
CREATE INDEX `access_rules_who` ON `access_rules` (`who_kind`,`who_id`);--> statement-breakpoint
CREATE TABLE `access_tickets` (
	`id` text PRIMARY KEY NOT NULL,
	`host` text NOT NULL,
	`browser_hash` text NOT NULL,
	`user_id` text NOT NULL,
	`session_id` text NOT NULL,
	`return_to` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `access_tickets_expires` ON `access_tickets` (`expires_at`);--> statement-breakpoint
CREATE TABLE `audit_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`actor` text NOT NULL,
	`task_id` text,
	`facts` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_events_task` ON `audit_events` (`task_id`);--> statement-breakpoint
CREATE INDEX `audit_events_at` ON `audit_events` (`at`);--> statement-breakpoint
CREATE TABLE `batch_failures` (
	`batch_id` text NOT NULL,
	`row` integer NOT NULL,
	`user_id` text,
	`email` text NOT NULL,
	`cells` text,
	`reason` text NOT NULL,
	PRIMARY KEY(`batch_id`, `row`)
);
--> statement-breakpoint
CREATE TABLE `batch_pieces` (
	`batch_id` text NOT NULL,
	`piece` integer NOT NULL,
	`rows` text NOT NULL,
	PRIMARY KEY(`batch_id`, `piece`)
);
--> statement-breakpoint
CREATE TABLE `batches` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`action` text NOT NULL,
	`state` text NOT NULL,
	`requester_id` text NOT NULL,
	`facts` text NOT NULL,
	`total` integer NOT NULL,
	`done` integer NOT NULL,
	`changed` integer NOT NULL,
	`failed` integer NOT NULL,
	`partly` integer DEFAULT 0 NOT NULL,
	`next_piece` integer NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	`ended_by` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `batches_id` ON `batches` (`id`);--> statement-breakpoint
CREATE INDEX `batches_state` ON `batches` (`state`,`seq`);--> statement-breakpoint
CREATE INDEX `batches_created` ON `batches` (`created_at`);--> statement-breakpoint
CREATE TABLE `decisions` (
	`id` text PRIMARY KEY NOT NULL,
	`task_id` text NOT NULL,
	`approver_id` text NOT NULL,
	`verdict` text NOT NULL,
	`note` text NOT NULL,
	`state` text NOT NULL,
	`refusal` text,
	`once_key` text,
	`view_id` text NOT NULL,
	`channel_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`settled_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `decisions_once` ON `decisions` (`once_key`);--> statement-breakpoint
CREATE INDEX `decisions_task` ON `decisions` (`task_id`);--> statement-breakpoint
CREATE TABLE `enforcements` (
	`id` text PRIMARY KEY NOT NULL,
	`task_id` text NOT NULL,
	`action` text NOT NULL,
	`person` integer DEFAULT 0 NOT NULL,
	`position` integer NOT NULL,
	`system_id` text NOT NULL,
	`system_kind` text NOT NULL,
	`account_id` text,
	`login` text NOT NULL,
	`emails` text NOT NULL,
	`evidence` text NOT NULL,
	`status` text NOT NULL,
	`run` integer NOT NULL,
	`read_back` text,
	`already` integer NOT NULL,
	`remarks` text NOT NULL,
	`sessions` text,
	`follows` text,
	`reason` text,
	`started_at` integer,
	`finished_at` integer,
	`undone_by` text
);
--> statement-breakpoint
CREATE INDEX `enforcements_task` ON `enforcements` (`task_id`,`person`);--> statement-breakpoint
CREATE INDEX `enforcements_status` ON `enforcements` (`task_id`,`status`);--> statement-breakpoint
CREATE INDEX `enforcements_undone` ON `enforcements` (`undone_by`);--> statement-breakpoint
CREATE INDEX `enforcements_account` ON `enforcements` (`system_id`,`account_id`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`lane` text DEFAULT '' NOT NULL,
	`payload` text NOT NULL,
	`state` text NOT NULL,
	`attempt` integer DEFAULT 0 NOT NULL,
	`run_at` integer NOT NULL,
	`fence` integer DEFAULT 0 NOT NULL,
	`dedupe_key` text,
	`last_reason` text,
	`created_at` integer NOT NULL,
	`finished_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_dedupe` ON `jobs` (`dedupe_key`);--> statement-breakpoint
CREATE INDEX `jobs_due` ON `jobs` (`state`,`lane`,`run_at`);--> statement-breakpoint
CREATE INDEX `jobs_finished` ON `jobs` (`finished_at`);--> statement-breakpoint
CREATE TABLE `journal` (
	`scope` text NOT NULL,
	`name` text NOT NULL,
	`value` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`scope`, `name`)
);
--> statement-breakpoint
CREATE TABLE `local_challenges` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`user_id` text,
	`value` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `local_challenges_user` ON `local_challenges` (`user_id`);--> statement-breakpoint
CREATE INDEX `local_challenges_expires` ON `local_challenges` (`expires_at`);--> statement-breakpoint
CREATE TABLE `local_counts` (
	`key` text PRIMARY KEY NOT NULL,
	`n` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `local_factor_tries` (
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`wrong` integer NOT NULL,
	`wait_until` integer,
	PRIMARY KEY(`user_id`, `kind`)
);
--> statement-breakpoint
CREATE TABLE `local_factors` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`sealed` text,
	`used_step` integer,
	`credential_id` text,
	`public_key` blob,
	`counter` integer,
	`transports` text,
	`created_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE INDEX `local_factors_user` ON `local_factors` (`user_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `local_factors_credential` ON `local_factors` (`credential_id`);--> statement-breakpoint
CREATE TABLE `local_groups` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`description` text NOT NULL,
	`search_text` text NOT NULL,
	`member_count` integer NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `local_groups_id` ON `local_groups` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `local_groups_name` ON `local_groups` (`name_key`);--> statement-breakpoint
CREATE TABLE `local_members` (
	`group_id` text NOT NULL,
	`user_id` text NOT NULL,
	`email_key` text NOT NULL,
	PRIMARY KEY(`group_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `local_members_user` ON `local_members` (`user_id`);--> statement-breakpoint
CREATE INDEX `local_members_email` ON `local_members` (`group_id`,`email_key`);--> statement-breakpoint
CREATE TABLE `local_passwords` (
	`user_id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `local_recovery_codes` (
	`user_id` text NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `hash`)
);
--> statement-breakpoint
CREATE TABLE `local_sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`factors` text DEFAULT '[]' NOT NULL,
	`parent_id` text,
	`label` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `local_sessions_user` ON `local_sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `local_sessions_parent` ON `local_sessions` (`parent_id`);--> statement-breakpoint
CREATE INDEX `local_sessions_expires` ON `local_sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `local_settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `local_tombstones` (
	`email_key` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`held_since` integer NOT NULL,
	`generation` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `local_users` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`email` text NOT NULL,
	`email_key` text NOT NULL,
	`description` text NOT NULL,
	`search_text` text NOT NULL,
	`state` text NOT NULL,
	`held_since` integer,
	`generation` integer NOT NULL,
	`link_hash` text,
	`link_expires_at` integer,
	`enrolled_at` integer,
	`mail_problem` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `local_users_id` ON `local_users` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `local_users_email` ON `local_users` (`email_key`);--> statement-breakpoint
CREATE INDEX `local_users_state` ON `local_users` (`state`,`enrolled_at`,`link_expires_at`);--> statement-breakpoint
CREATE INDEX `local_users_created` ON `local_users` (`created_at`,`seq`);--> statement-breakpoint
CREATE TABLE `look_ups` (
	`id` text PRIMARY KEY NOT NULL,
	`action` text NOT NULL,
	`requester_id` text NOT NULL,
	`channel_id` text NOT NULL,
	`person_text` text NOT NULL,
	`from_task` text,
	`may_deactivate` integer NOT NULL,
	`found` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `look_ups_created` ON `look_ups` (`created_at`);--> statement-breakpoint
CREATE TABLE `mails` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`user_id` text NOT NULL,
	`generation` integer NOT NULL,
	`attempt` integer DEFAULT 0 NOT NULL,
	`not_before` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `mails_due` ON `mails` (`not_before`,`id`);--> statement-breakpoint
CREATE TABLE `oidc_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`public_jwk` text NOT NULL,
	`sealed` text NOT NULL,
	`created_at` integer NOT NULL,
	`signs_from` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `oidc_records` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`user_id` text,
	`grant_id` text,
	`uid` text,
	`session_id` text,
	`source` text,
	`payload` text NOT NULL,
	`consumed_at` integer,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `oidc_records_user` ON `oidc_records` (`user_id`);--> statement-breakpoint
CREATE INDEX `oidc_records_grant` ON `oidc_records` (`grant_id`);--> statement-breakpoint
CREATE INDEX `oidc_records_uid` ON `oidc_records` (`uid`);--> statement-breakpoint
CREATE INDEX `oidc_records_session` ON `oidc_records` (`session_id`);--> statement-breakpoint
CREATE INDEX `oidc_records_source` ON `oidc_records` (`source`,`expires_at`);--> statement-breakpoint
CREATE INDEX `oidc_records_expires` ON `oidc_records` (`expires_at`);--> statement-breakpoint
CREATE TABLE `oidc_sign_ins` (
	`sid` text PRIMARY KEY NOT NULL,
	`client_id` text NOT NULL,
	`user_id` text NOT NULL,
	`session_id` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `oidc_sign_ins_user` ON `oidc_sign_ins` (`user_id`);--> statement-breakpoint
CREATE INDEX `oidc_sign_ins_session` ON `oidc_sign_ins` (`session_id`);--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`stream` text NOT NULL,
	`lane` text NOT NULL,
	`message` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`state` text NOT NULL,
	`attempt` integer DEFAULT 0 NOT NULL,
	`not_before` integer NOT NULL,
	`failures` integer DEFAULT 0 NOT NULL,
	`fence` integer DEFAULT 0 NOT NULL,
	`uncertain` integer DEFAULT false NOT NULL,
	`ref` text,
	`dead_reason` text,
	`created_at` integer NOT NULL,
	`sent_at` integer
);
--> statement-breakpoint
CREATE INDEX `outbox_stream` ON `outbox` (`stream`,`state`,`id`);--> statement-breakpoint
CREATE INDEX `outbox_sent` ON `outbox` (`sent_at`);--> statement-breakpoint
CREATE INDEX `outbox_due` ON `outbox` (`state`,`not_before`);--> statement-breakpoint
CREATE TABLE `local_password_history` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user_id` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `local_password_history_user` ON `local_password_history` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `pauses` (
	`key` text PRIMARY KEY NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `people_lists` (
	`id` text PRIMARY KEY NOT NULL,
	`action` text NOT NULL,
	`requester_id` text NOT NULL,
	`requester_email` text,
	`channel_id` text NOT NULL,
	`view_id` text NOT NULL,
	`from_task` text,
	`description` text NOT NULL,
	`ends_after_ms` integer,
	`end_sessions` integer NOT NULL,
	`state` text NOT NULL,
	`file` text,
	`problem` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `people_lists_created` ON `people_lists` (`created_at`);--> statement-breakpoint
CREATE TABLE `seen_requests` (
	`key` text PRIMARY KEY NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sign_in_attempts` (
	`key` text PRIMARY KEY NOT NULL,
	`tries` integer NOT NULL,
	`last_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sign_in_attempts_last` ON `sign_in_attempts` (`last_at`);--> statement-breakpoint
CREATE TABLE `slack_bindings` (
	`slack_user_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`state` text NOT NULL,
	`request_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`confirmed_at` integer,
	`confirmed_by` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `slack_bindings_user` ON `slack_bindings` (`user_id`);--> statement-breakpoint
CREATE TABLE `system_health` (
	`system_id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`since_at` integer NOT NULL,
	`looked_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `task_people` (
	`list_id` text NOT NULL,
	`position` integer NOT NULL,
	`line` integer NOT NULL,
	`text` text NOT NULL,
	`state` text NOT NULL,
	`name` text NOT NULL,
	`left_out` text,
	`found` text,
	`others` integer NOT NULL,
	`stage` text NOT NULL,
	`gate` text,
	`gate_at` integer,
	PRIMARY KEY(`list_id`, `position`)
);
--> statement-breakpoint
CREATE INDEX `task_people_state` ON `task_people` (`list_id`,`state`,`position`);--> statement-breakpoint
CREATE INDEX `task_people_stage` ON `task_people` (`list_id`,`stage`,`position`);--> statement-breakpoint
CREATE TABLE `tasks` (
	`id` text PRIMARY KEY NOT NULL,
	`action` text NOT NULL,
	`status` text NOT NULL,
	`target_name` text NOT NULL,
	`person_text` text NOT NULL,
	`requester_id` text NOT NULL,
	`requester_email` text,
	`description` text NOT NULL,
	`approvals_needed` integer NOT NULL,
	`look_up_id` text NOT NULL,
	`people` integer DEFAULT 0 NOT NULL,
	`undoes` text,
	`end_sessions` integer NOT NULL,
	`may_deactivate` integer NOT NULL,
	`ends_after_ms` integer,
	`ends_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer,
	`approved_at` integer,
	`started_at` integer,
	`finished_at` integer,
	`ended_by` text,
	`active_ms` integer DEFAULT 0 NOT NULL,
	`ticked_at` integer,
	`target_emails` text NOT NULL,
	`search_text` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tasks_look_up` ON `tasks` (`look_up_id`);--> statement-breakpoint
CREATE INDEX `tasks_created` ON `tasks` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `tasks_requester` ON `tasks` (`requester_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `tasks_status` ON `tasks` (`status`);--> statement-breakpoint
CREATE INDEX `tasks_finished` ON `tasks` (`finished_at`);--> statement-breakpoint
CREATE TABLE `threads` (
	`stream` text PRIMARY KEY NOT NULL,
	`channel` text NOT NULL,
	`ts` text NOT NULL,
	`permalink` text,
	`created_at` integer NOT NULL
);
