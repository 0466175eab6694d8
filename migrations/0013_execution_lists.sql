DROP INDEX "executions_newest";--> statement-breakpoint
DROP INDEX "executions_workflow";--> statement-breakpoint
CREATE INDEX "executions_status" ON "executions" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "executions_retried" ON "executions" USING btree ((origin->>'executionId')) WHERE origin->>'kind' = 'retry';--> statement-breakpoint
CREATE INDEX "executions_workflow" ON "executions" USING btree ("workflow_id","id");