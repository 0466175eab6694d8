ALTER TABLE "agent_tasks" ADD COLUMN "completion" jsonb;--> statement-breakpoint
ALTER TABLE "agent_tasks" ADD COLUMN "repair" jsonb;--> statement-breakpoint
ALTER TABLE "agent_tasks" ADD COLUMN "delegation" jsonb;