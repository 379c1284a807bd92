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
DROP INDEX `enforcements_task`;--> statement-breakpoint
ALTER TABLE `enforcements` ADD `person` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `enforcements_task` ON `enforcements` (`task_id`,`person`);--> statement-breakpoint
ALTER TABLE `tasks` ADD `people` integer DEFAULT 0 NOT NULL;