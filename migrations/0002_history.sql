ALTER TABLE "executions" ADD COLUMN "origin" jsonb;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "carried_from" uuid;