CREATE TABLE "audit_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"task_id" text,
	"facts" jsonb NOT NULL
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
	"position" bigint NOT NULL,
	"system_id" text NOT NULL,
	"system_kind" text NOT NULL,
	"account_id" text,
	"login" text NOT NULL,
	"emails" jsonb NOT NULL,
	"evidence" jsonb NOT NULL,
	"status" text NOT NULL,
	"run" bigint NOT NULL,
	"read_back" text,
	"already" boolean NOT NULL,
	"remarks" jsonb NOT NULL,
	"sessions" text,
	"synchronized" boolean NOT NULL,
	"reason" jsonb,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"undone_by" text
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"payload" jsonb NOT NULL,
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
CREATE TABLE "look_ups" (
	"id" text PRIMARY KEY NOT NULL,
	"action" text NOT NULL,
	"requester_id" text NOT NULL,
	"channel_id" text NOT NULL,
	"person_text" text NOT NULL,
	"from_task" text,
	"may_deactivate" boolean NOT NULL,
	"found" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"stream" text NOT NULL,
	"lane" text NOT NULL,
	"message" jsonb NOT NULL,
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
CREATE TABLE "pauses" (
	"key" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "seen_requests" (
	"key" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" text PRIMARY KEY NOT NULL,
	"action" text NOT NULL,
	"status" text NOT NULL,
	"target_name" text NOT NULL,
	"person_text" text NOT NULL,
	"target_emails" jsonb NOT NULL,
	"requester_id" text NOT NULL,
	"requester_email" text,
	"description" text NOT NULL,
	"approvals_needed" bigint NOT NULL,
	"look_up_id" text NOT NULL,
	"undoes" text,
	"end_sessions" boolean NOT NULL,
	"may_deactivate" boolean NOT NULL,
	"ends_after_ms" bigint,
	"ends_at" timestamp (3) with time zone,
	"search_text" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"approved_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"ended_by" text,
	"active_ms" bigint DEFAULT 0 NOT NULL,
	"ticked_at" timestamp (3) with time zone
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
CREATE INDEX "audit_events_task" ON "audit_events" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "audit_events_at" ON "audit_events" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "decisions_once" ON "decisions" USING btree ("once_key");--> statement-breakpoint
CREATE INDEX "decisions_task" ON "decisions" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "enforcements_task" ON "enforcements" USING btree ("task_id");--> statement-breakpoint
CREATE INDEX "enforcements_undone" ON "enforcements" USING btree ("undone_by");--> statement-breakpoint
CREATE INDEX "enforcements_account" ON "enforcements" USING btree ("system_id","account_id");--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_dedupe" ON "jobs" USING btree ("dedupe_key");--> statement-breakpoint
CREATE INDEX "jobs_due" ON "jobs" USING btree ("state","run_at");--> statement-breakpoint
CREATE INDEX "jobs_finished" ON "jobs" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "look_ups_created" ON "look_ups" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "outbox_stream" ON "outbox" USING btree ("stream","state","id");--> statement-breakpoint
CREATE INDEX "outbox_sent" ON "outbox" USING btree ("sent_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("state","not_before");--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_look_up" ON "tasks" USING btree ("look_up_id");--> statement-breakpoint
CREATE INDEX "tasks_created" ON "tasks" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "tasks_requester" ON "tasks" USING btree ("requester_id","created_at");--> statement-breakpoint
CREATE INDEX "tasks_status" ON "tasks" USING btree ("status");--> statement-breakpoint
CREATE INDEX "tasks_finished" ON "tasks" USING btree ("finished_at");