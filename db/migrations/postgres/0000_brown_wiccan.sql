CREATE TABLE "access_rules" (
	"id" text PRIMARY KEY NOT NULL,
	"resource_kind" text NOT NULL,
	"resource_id" text NOT NULL,
	"who_kind" text NOT NULL,
	"who_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "access_tickets" (
	"id" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"browser_hash" text NOT NULL,
	"user_id" text NOT NULL,
	"session_id" text NOT NULL,
	"return_to" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"task_id" text,
	"facts" json NOT NULL
);
--> statement-breakpoint
CREATE TABLE "batch_failures" (
	"batch_id" text NOT NULL,
	"row" bigint NOT NULL,
	"user_id" text,
	"email" text NOT NULL,
	"cells" json,
	"reason" json NOT NULL,
	CONSTRAINT "batch_failures_batch_id_row_pk" PRIMARY KEY("batch_id","row")
);
--> statement-breakpoint
CREATE TABLE "batch_pieces" (
	"batch_id" text NOT NULL,
	"piece" bigint NOT NULL,
	"rows" json NOT NULL,
	CONSTRAINT "batch_pieces_batch_id_piece_pk" PRIMARY KEY("batch_id","piece")
);
--> statement-breakpoint
CREATE TABLE "batches" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"action" text NOT NULL,
	"state" text NOT NULL,
	"requester_id" text NOT NULL,
	"facts" json NOT NULL,
	"total" bigint NOT NULL,
	"done" bigint NOT NULL,
	"changed" bigint NOT NULL,
	"failed" bigint NOT NULL,
	"partly" bigint DEFAULT 0 NOT NULL,
	"next_piece" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"ended_by" text
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"id" text PRIMARY KEY NOT NULL,
	"task_id" text NOT NULL,
	"approver_id" text NOT NULL,
	"verdict" text NOT NULL,
	"note" text NOT NULL,
	"state" text NOT NULL,
	"refusal" text,
	"once_key" text,
	"view_id" text NOT NULL,
	"channel_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "enforcements" (
	"id" text PRIMARY KEY NOT NULL,
	"task_id" text NOT NULL,
	"action" text NOT NULL,
	"person" bigint DEFAULT 0 NOT NULL,
	"position" bigint NOT NULL,
	"system_id" text NOT NULL,
	"system_kind" text NOT NULL,
	"account_id" text,
	"login" text NOT NULL,
	"emails" json NOT NULL,
	"evidence" json NOT NULL,
	"status" text NOT NULL,
	"run" bigint NOT NULL,
	"read_back" text,
	"already" boolean NOT NULL,
	"remarks" json NOT NULL,
	"sessions" text,
	"follows" json,
	"reason" json,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"undone_by" text
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"lane" text DEFAULT '' NOT NULL,
	"payload" json NOT NULL,
	"state" text NOT NULL,
	"attempt" bigint DEFAULT 0 NOT NULL,
	"run_at" timestamp (3) with time zone NOT NULL,
	"fence" bigint DEFAULT 0 NOT NULL,
	"dedupe_key" text,
	"last_reason" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "journal" (
	"scope" text NOT NULL,
	"name" text NOT NULL,
	"value" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "journal_scope_name_pk" PRIMARY KEY("scope","name")
);
--> statement-breakpoint
CREATE TABLE "local_challenges" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"user_id" text,
	"value" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_counts" (
	"key" text PRIMARY KEY NOT NULL,
	"n" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_factor_tries" (
	"user_id" text NOT NULL,
	"kind" text NOT NULL,
	"wrong" bigint NOT NULL,
	"wait_until" timestamp (3) with time zone,
	CONSTRAINT "local_factor_tries_user_id_kind_pk" PRIMARY KEY("user_id","kind")
);
--> statement-breakpoint
CREATE TABLE "local_factors" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"sealed" text,
	"used_step" bigint,
	"credential_id" text,
	"public_key" "bytea",
	"counter" bigint,
	"transports" json,
	"created_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "local_groups" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"name" text NOT NULL,
	"name_key" text NOT NULL,
	"description" text NOT NULL,
	"search_text" text NOT NULL,
	"member_count" bigint NOT NULL,
	"version" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_members" (
	"group_id" text NOT NULL,
	"user_id" text NOT NULL,
	"email_key" text NOT NULL,
	CONSTRAINT "local_members_group_id_user_id_pk" PRIMARY KEY("group_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "local_passwords" (
	"user_id" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_recovery_codes" (
	"user_id" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "local_recovery_codes_user_id_hash_pk" PRIMARY KEY("user_id","hash")
);
--> statement-breakpoint
CREATE TABLE "local_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"kind" text NOT NULL,
	"factors" json DEFAULT '[]'::json NOT NULL,
	"parent_id" text,
	"label" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" json NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_tombstones" (
	"email_key" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"held_since" timestamp (3) with time zone NOT NULL,
	"generation" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "local_users" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"email" text NOT NULL,
	"email_key" text NOT NULL,
	"description" text NOT NULL,
	"search_text" text NOT NULL,
	"state" text NOT NULL,
	"held_since" timestamp (3) with time zone,
	"generation" bigint NOT NULL,
	"link_hash" text,
	"link_expires_at" timestamp (3) with time zone,
	"enrolled_at" timestamp (3) with time zone,
	"mail_problem" text,
	"version" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "look_ups" (
	"id" text PRIMARY KEY NOT NULL,
	"action" text NOT NULL,
	"requester_id" text NOT NULL,
	"channel_id" text NOT NULL,
	"person_text" text NOT NULL,
	"from_task" text,
	"may_deactivate" boolean NOT NULL,
	"found" json,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "mails" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"user_id" text NOT NULL,
	"generation" bigint NOT NULL,
	"attempt" bigint DEFAULT 0 NOT NULL,
	"not_before" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "oidc_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"public_jwk" json NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"signs_from" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "oidc_records" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"user_id" text,
	"grant_id" text,
	"uid" text,
	"session_id" text,
	"source" text,
	"payload" json NOT NULL,
	"consumed_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "oidc_sign_ins" (
	"sid" text PRIMARY KEY NOT NULL,
	"client_id" text NOT NULL,
	"user_id" text NOT NULL,
	"session_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"stream" text NOT NULL,
	"lane" text NOT NULL,
	"message" json NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"state" text NOT NULL,
	"attempt" bigint DEFAULT 0 NOT NULL,
	"not_before" timestamp (3) with time zone NOT NULL,
	"failures" bigint DEFAULT 0 NOT NULL,
	"fence" bigint DEFAULT 0 NOT NULL,
	"uncertain" boolean DEFAULT false NOT NULL,
	"ref" text,
	"dead_reason" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "local_password_history" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pauses" (
	"key" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "people_lists" (
	"id" text PRIMARY KEY NOT NULL,
	"action" text NOT NULL,
	"requester_id" text NOT NULL,
	"requester_email" text,
	"channel_id" text NOT NULL,
	"view_id" text NOT NULL,
	"from_task" text,
	"description" text NOT NULL,
	"ends_after_ms" bigint,
	"end_sessions" boolean NOT NULL,
	"state" text NOT NULL,
	"file" json,
	"problem" text,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seen_requests" (
	"key" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_attempts" (
	"key" text PRIMARY KEY NOT NULL,
	"tries" bigint NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "slack_bindings" (
	"slack_user_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"state" text NOT NULL,
	"request_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"confirmed_at" timestamp (3) with time zone,
	"confirmed_by" text
);
--> statement-breakpoint
CREATE TABLE "system_health" (
	"system_id" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"since_at" timestamp (3) with time zone NOT NULL,
	"looked_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "task_people" (
	"list_id" text NOT NULL,
	"position" bigint NOT NULL,
	"line" bigint NOT NULL,
	"text" text NOT NULL,
	"state" text NOT NULL,
	"name" text NOT NULL,
	"left_out" json,
	"found" json,
	"others" bigint NOT NULL,
	"stage" text NOT NULL,
	"gate" json,
	"gate_at" timestamp (3) with time zone,
	CONSTRAINT "task_people_list_id_position_pk" PRIMARY KEY("list_id","position")
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" text PRIMARY KEY NOT NULL,
	"action" text NOT NULL,
	"status" text NOT NULL,
	"target_name" text NOT NULL,
	"person_text" text NOT NULL,
	"requester_id" text NOT NULL,
	"requester_email" text,
	"description" text NOT NULL,
	"approvals_needed" bigint NOT NULL,
	"look_up_id" text NOT NULL,
	"people" bigint DEFAULT 0 NOT NULL,
	"undoes" text,
	"end_sessions" boolean NOT NULL,
	"may_deactivate" boolean NOT NULL,
	"ends_after_ms" bigint,
	"ends_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"approved_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"ended_by" text,
	"active_ms" bigint DEFAULT 0 NOT NULL,
	"ticked_at" timestamp (3) with time zone,
	"target_emails" json NOT NULL,
	"search_text" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "threads" (
	"stream" text PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"ts" text NOT NULL,
	"permalink" text,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "access_rules_once" ON "access_rules" USING btree ("resource_kind","resource_id","who_kind","who_id");--> statement-breakpoint
CREATE INDEX "access_rules_who" ON "access_rules" USING btree ("who_kind","who_id");--> statement-breakpoint
CREATE INDEX "access_tickets_expires" ON "access_tickets" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "audit_events_task" ON "audit_events" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "audit_events_at" ON "audit_events" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "batches_id" ON "batches" USING btree ("id");--> statement-breakpoint
CREATE INDEX "batches_state" ON "batches" USING btree ("state","seq");--> statement-breakpoint
CREATE INDEX "batches_created" ON "batches" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "decisions_once" ON "decisions" USING btree ("once_key");--> statement-breakpoint
CREATE INDEX "decisions_task" ON "decisions" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "enforcements_task" ON "enforcements" USING btree ("task_id","person");--> statement-breakpoint
CREATE INDEX "enforcements_status" ON "enforcements" USING btree ("task_id","status");--> statement-breakpoint
CREATE INDEX "enforcements_undone" ON "enforcements" USING btree ("undone_by");--> statement-breakpoint
CREATE INDEX "enforcements_account" ON "enforcements" USING btree ("system_id","account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_dedupe" ON "jobs" USING btree ("dedupe_key");--> statement-breakpoint
CREATE INDEX "jobs_due" ON "jobs" USING btree ("state","lane","run_at");--> statement-breakpoint
CREATE INDEX "jobs_finished" ON "jobs" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "local_challenges_user" ON "local_challenges" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "local_challenges_expires" ON "local_challenges" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "local_factors_user" ON "local_factors" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "local_factors_credential" ON "local_factors" USING btree ("credential_id");--> statement-breakpoint
CREATE UNIQUE INDEX "local_groups_id" ON "local_groups" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "local_groups_name" ON "local_groups" USING btree ("name_key");--> statement-breakpoint
CREATE INDEX "local_members_user" ON "local_members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "local_members_email" ON "local_members" USING btree ("group_id","email_key");--> statement-breakpoint
CREATE INDEX "local_sessions_user" ON "local_sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "local_sessions_parent" ON "local_sessions" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "local_sessions_expires" ON "local_sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "local_users_id" ON "local_users" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "local_users_email" ON "local_users" USING btree ("email_key");--> statement-breakpoint
CREATE INDEX "local_users_state" ON "local_users" USING btree ("state","enrolled_at","link_expires_at");--> statement-breakpoint
CREATE INDEX "local_users_created" ON "local_users" USING btree ("created_at","seq");--> statement-breakpoint
CREATE INDEX "look_ups_created" ON "look_ups" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "mails_due" ON "mails" USING btree ("not_before","id");--> statement-breakpoint
CREATE INDEX "oidc_records_user" ON "oidc_records" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "oidc_records_grant" ON "oidc_records" USING btree ("grant_id");--> statement-breakpoint
CREATE INDEX "oidc_records_uid" ON "oidc_records" USING btree ("uid");--> statement-breakpoint
CREATE INDEX "oidc_records_session" ON "oidc_records" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "oidc_records_source" ON "oidc_records" USING btree ("source","expires_at");--> statement-breakpoint
CREATE INDEX "oidc_records_expires" ON "oidc_records" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "oidc_sign_ins_user" ON "oidc_sign_ins" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "oidc_sign_ins_session" ON "oidc_sign_ins" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "outbox_stream" ON "outbox" USING btree ("stream","state","id");--> statement-breakpoint
CREATE INDEX "outbox_sent" ON "outbox" USING btree ("sent_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("state","not_before");--> statement-breakpoint
CREATE INDEX "local_password_history_user" ON "local_password_history" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "people_lists_created" ON "people_lists" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "sign_in_attempts_last" ON "sign_in_attempts" USING btree ("last_at");--> statement-breakpoint
CREATE UNIQUE INDEX "slack_bindings_user" ON "slack_bindings" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "task_people_state" ON "task_people" USING btree ("list_id","state","position");--> statement-breakpoint
CREATE INDEX "task_people_stage" ON "task_people" USING btree ("list_id","stage","position");--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_look_up" ON "tasks" USING btree ("look_up_id");--> statement-breakpoint
CREATE INDEX "tasks_created" ON "tasks" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "tasks_requester" ON "tasks" USING btree ("requester_id","created_at");--> statement-breakpoint
CREATE INDEX "tasks_status" ON "tasks" USING btree ("status");--> statement-breakpoint
CREATE INDEX "tasks_finished" ON "tasks" USING btree ("finished_at");