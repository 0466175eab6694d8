ALTER TABLE "incidents" ALTER COLUMN "scope" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "incidents" ALTER COLUMN "opened_at" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "class" text NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "rule" text NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "title" text NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "detail" text NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "count" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "last_seen_at" timestamp with time zone NOT NULL;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "closed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "taken_by" text;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "resolution" jsonb;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "agent_id" uuid;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "workflow_id" uuid;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "execution_id" uuid;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "step_id" uuid;--> statement-breakpoint
ALTER TABLE "incidents" ADD COLUMN "node_id" text;--> statement-breakpoint
CREATE UNIQUE INDEX "incidents_open" ON "incidents" USING btree ("fingerprint") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "incidents_fingerprint" ON "incidents" USING btree ("fingerprint","id");