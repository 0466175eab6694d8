CREATE TABLE "audit_seals" (
	"to_seq" bigint PRIMARY KEY NOT NULL,
	"entries" integer NOT NULL,
	"hash" "bytea" NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit" ADD COLUMN "hash" "bytea";--> statement-breakpoint
CREATE FUNCTION audit_hash(entry audit) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT sha256(convert_to(jsonb_build_array(
    entry.seq, extract(epoch FROM entry.at), entry.actor, entry.action, entry.subject, entry.detail, entry.request_id
  )::text, 'UTF8'))
$$;--> statement-breakpoint
UPDATE audit SET hash = audit_hash(audit);--> statement-breakpoint
CREATE FUNCTION seal_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.hash := audit_hash(NEW);
  RETURN NEW;
END
$$;--> statement-breakpoint
CREATE TRIGGER audit_hashed BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION seal_audit_entry();--> statement-breakpoint
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit is only ever added to';
END
$$;--> statement-breakpoint
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
