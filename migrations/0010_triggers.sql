CREATE TABLE "trigger_deliveries" (
	"trigger_id" uuid NOT NULL,
	"key" text NOT NULL,
	"execution_id" uuid,
	"expires_at" timestamp with time zone,
	CONSTRAINT "trigger_deliveries_trigger_id_key_pk" PRIMARY KEY("trigger_id","key")
);
--> statement-breakpoint
CREATE TABLE "triggers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workflow_id" uuid NOT NULL,
	"key" text NOT NULL,
	"kind" text NOT NULL,
	"position" integer NOT NULL,
	"config" jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"next_at" timestamp with time zone,
	"cursor" jsonb,
	"revision" bigint DEFAULT 0 NOT NULL,
	"secret" text,
	"secret_set_at" timestamp with time zone,
	"last_fired_at" timestamp with time zone,
	"last_outcome" text,
	"last_execution_id" uuid,
	"last_error" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "trigger" jsonb;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "chain" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "in_line" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "trigger_deliveries" ADD CONSTRAINT "trigger_deliveries_trigger_id_triggers_id_fk" FOREIGN KEY ("trigger_id") REFERENCES "public"."triggers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "triggers" ADD CONSTRAINT "triggers_workflow_id_workflows_id_fk" FOREIGN KEY ("workflow_id") REFERENCES "public"."workflows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "trigger_deliveries_expiry" ON "trigger_deliveries" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "triggers_key" ON "triggers" USING btree ("workflow_id","key");--> statement-breakpoint
CREATE INDEX "triggers_due" ON "triggers" USING btree ("next_at") WHERE enabled;--> statement-breakpoint
CREATE INDEX "executions_in_line" ON "executions" USING btree ("workflow_id","id") WHERE in_line;