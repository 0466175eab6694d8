CREATE TABLE "embeds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"show" text NOT NULL,
	"subject_id" uuid,
	"parents" text[] NOT NULL,
	"created_by" text NOT NULL,
	"owner_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "embeds_owner" ON "embeds" USING btree ("owner_id","id");--> statement-breakpoint
CREATE INDEX "embeds_expiry" ON "embeds" USING btree ("expires_at");