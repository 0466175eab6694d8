CREATE TABLE "retention_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"keep_days" double precision,
	"before" timestamp with time zone,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"deleted" jsonb NOT NULL,
	"owner" text NOT NULL,
	"lease_expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "deleting" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "retention_runs_open" ON "retention_runs" USING btree ((true)) WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "executions_ended" ON "executions" USING btree ("completed_at") WHERE completed_at is not null and parent_execution_id is null and not deleting;--> statement-breakpoint
CREATE INDEX "executions_deleting" ON "executions" USING btree ("id") WHERE deleting;--> statement-breakpoint
CREATE INDEX "inbox_execution" ON "inbox_items" USING btree ("execution_id");--> statement-breakpoint
CREATE INDEX "mailbox_execution" ON "mailbox" USING btree ("execution_id");