ALTER TABLE "agent_tasks" ADD COLUMN "workspace" jsonb;--> statement-breakpoint
CREATE INDEX "agent_tasks_worktree" ON "agent_tasks" USING btree ((workspace->'worktree'->>'name'));