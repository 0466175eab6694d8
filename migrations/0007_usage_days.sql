CREATE TABLE "budget_days" (
	"day" date NOT NULL,
	"scope" text NOT NULL,
	"raised" jsonb,
	"stopped" boolean DEFAULT false NOT NULL,
	"item_id" uuid,
	CONSTRAINT "budget_days_day_scope_pk" PRIMARY KEY("day","scope")
);
--> statement-breakpoint
CREATE TABLE "usage_days" (
	"day" date NOT NULL,
	"agent_id" uuid NOT NULL,
	"workflow_id" uuid,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cost" double precision NOT NULL,
	CONSTRAINT "usage_days_key" UNIQUE NULLS NOT DISTINCT("day","agent_id","workflow_id")
);
--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "budget" jsonb;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "held" jsonb;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "budget" jsonb;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "paused_ms" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_days" ADD CONSTRAINT "usage_days_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;