CREATE TABLE "preferences" (
	"owner_id" uuid NOT NULL,
	"key" text NOT NULL,
	"value" jsonb,
	"version" integer NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "preferences_owner_id_key_pk" PRIMARY KEY("owner_id","key")
);
