CREATE TABLE "policies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"effect" text NOT NULL,
	"agent_id" uuid,
	"role" text,
	"tool" text NOT NULL,
	"pattern" text,
	"note" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "usage_marks" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "inbox_items" ADD COLUMN "request_id" text;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "inbox_request" ON "inbox_items" USING btree ("agent_id","request_id") WHERE request_id is not null;