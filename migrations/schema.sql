-- Written by a test from the migrated database; change src/adapters/postgres/schema.ts instead.

CREATE TABLE agent_metrics (
  agent_id uuid NOT NULL,
  at timestamp with time zone NOT NULL,
  cpu double precision NOT NULL,
  memory bigint NOT NULL,
  tokens bigint NOT NULL,
  cost double precision NOT NULL,
  CONSTRAINT agent_metrics_agent_id_at_pk PRIMARY KEY (agent_id, at),
  CONSTRAINT agent_metrics_agent_id_agents_id_fk FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE
);

CREATE TABLE agent_tasks (
  id uuid NOT NULL,
  agent_id uuid NOT NULL,
  execution_id uuid,
  step_id uuid,
  effect_key text,
  prompt text NOT NULL,
  output_schema jsonb,
  timeout_ms bigint,
  status text NOT NULL,
  stopping text,
  accepted_at timestamp with time zone NOT NULL DEFAULT now(),
  typed_at timestamp with time zone,
  submitted_at timestamp with time zone,
  turn_started_at timestamp with time zone,
  finished_at timestamp with time zone,
  result jsonb,
  usage jsonb NOT NULL,
  error jsonb,
  created_by text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  workspace jsonb,
  completion jsonb,
  repair jsonb,
  delegation jsonb,
  session text NOT NULL DEFAULT 'reuse'::text,
  CONSTRAINT agent_tasks_pkey PRIMARY KEY (id),
  CONSTRAINT agent_tasks_agent_id_agents_id_fk FOREIGN KEY (agent_id) REFERENCES agents(id)
);
CREATE INDEX agent_tasks_agent ON agent_tasks USING btree (agent_id, created_at);
CREATE UNIQUE INDEX agent_tasks_effect ON agent_tasks USING btree (execution_id, effect_key);
CREATE INDEX agent_tasks_open ON agent_tasks USING btree (agent_id) WHERE (finished_at IS NULL);
CREATE INDEX agent_tasks_worktree ON agent_tasks USING btree ((((workspace -> 'worktree'::text) ->> 'name'::text)));

CREATE TABLE agents (
  id uuid NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  mode text NOT NULL,
  role text NOT NULL,
  model text,
  status text NOT NULL,
  status_reason text NOT NULL,
  status_source text NOT NULL,
  status_since timestamp with time zone NOT NULL,
  desired text NOT NULL DEFAULT 'stopped'::text,
  workspace jsonb NOT NULL,
  capabilities jsonb NOT NULL,
  instructions text,
  permission_mode text,
  command jsonb,
  env jsonb NOT NULL,
  autostart boolean NOT NULL DEFAULT false,
  host_id text NOT NULL,
  session jsonb,
  restarts jsonb NOT NULL,
  seat jsonb,
  cpu double precision NOT NULL DEFAULT 0,
  memory bigint NOT NULL DEFAULT 0,
  tokens bigint NOT NULL DEFAULT 0,
  cost double precision NOT NULL DEFAULT 0,
  last_activity timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  usage_marks jsonb NOT NULL DEFAULT '{}'::jsonb,
  definition jsonb,
  budget jsonb,
  held jsonb,
  CONSTRAINT agents_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX agents_name_key ON agents USING btree (name) WHERE (deleted_at IS NULL);

CREATE TABLE audit (
  seq bigint NOT NULL DEFAULT nextval('audit_seq_seq'::regclass),
  at timestamp with time zone NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail jsonb NOT NULL,
  request_id text,
  hash bytea,
  CONSTRAINT audit_pkey PRIMARY KEY (seq)
);

CREATE TABLE audit_seals (
  to_seq bigint NOT NULL,
  entries integer NOT NULL,
  hash bytea NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT audit_seals_pkey PRIMARY KEY (to_seq)
);

CREATE TABLE budget_days (
  day date NOT NULL,
  scope text NOT NULL,
  raised jsonb,
  stopped boolean NOT NULL DEFAULT false,
  item_id uuid,
  CONSTRAINT budget_days_day_scope_pk PRIMARY KEY (day, scope)
);

CREATE TABLE channels (
  name text NOT NULL,
  kind text NOT NULL,
  url text NOT NULL,
  secret text,
  created_by text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT channels_pkey PRIMARY KEY (name)
);

CREATE TABLE checkpoint_writes (
  thread_id text NOT NULL,
  namespace text NOT NULL,
  checkpoint_id text NOT NULL,
  task_id text NOT NULL,
  task_path text NOT NULL DEFAULT ''::text,
  index integer NOT NULL,
  channel text NOT NULL,
  value jsonb,
  CONSTRAINT checkpoint_writes_thread_id_namespace_checkpoint_id_task_id_ind PRIMARY KEY (thread_id, namespace, checkpoint_id, task_id, index),
  CONSTRAINT checkpoint_writes_checkpoint FOREIGN KEY (thread_id, namespace, checkpoint_id) REFERENCES checkpoints(thread_id, namespace, checkpoint_id) ON DELETE CASCADE
);

CREATE TABLE checkpoints (
  thread_id text NOT NULL,
  namespace text NOT NULL DEFAULT ''::text,
  checkpoint_id text NOT NULL,
  parent_id text,
  seq bigint NOT NULL DEFAULT nextval('checkpoints_seq_seq'::regclass),
  checkpoint jsonb NOT NULL,
  changes jsonb NOT NULL,
  complete boolean NOT NULL,
  metadata jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT checkpoints_thread_id_namespace_checkpoint_id_pk PRIMARY KEY (thread_id, namespace, checkpoint_id)
);
CREATE INDEX checkpoints_order ON checkpoints USING btree (thread_id, namespace, seq);

CREATE TABLE effects (
  execution_id uuid NOT NULL,
  key text NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  status text NOT NULL,
  cancel text,
  progress jsonb,
  host_id text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  CONSTRAINT effects_execution_id_key_pk PRIMARY KEY (execution_id, key),
  CONSTRAINT effects_execution_id_executions_id_fk FOREIGN KEY (execution_id) REFERENCES executions(id) ON DELETE CASCADE
);
CREATE INDEX effects_open ON effects USING btree (status) WHERE (status <> 'done'::text);

CREATE TABLE embeds (
  id uuid NOT NULL,
  show text NOT NULL,
  subject_id uuid,
  parents text[] NOT NULL,
  created_by text NOT NULL,
  owner_id uuid NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  CONSTRAINT embeds_pkey PRIMARY KEY (id)
);
CREATE INDEX embeds_expiry ON embeds USING btree (expires_at);
CREATE INDEX embeds_owner ON embeds USING btree (owner_id, id);

CREATE TABLE events (
  topic text NOT NULL,
  seq bigint NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  event text NOT NULL,
  data jsonb NOT NULL,
  CONSTRAINT events_topic_seq_pk PRIMARY KEY (topic, seq)
);
CREATE INDEX events_age ON events USING btree (at);

CREATE TABLE execution_logs (
  seq bigint NOT NULL DEFAULT nextval('execution_logs_seq_seq'::regclass),
  execution_id uuid NOT NULL,
  step_id uuid,
  node_id text,
  at timestamp with time zone NOT NULL DEFAULT now(),
  stream text NOT NULL,
  text text NOT NULL,
  CONSTRAINT execution_logs_pkey PRIMARY KEY (seq),
  CONSTRAINT execution_logs_execution_id_executions_id_fk FOREIGN KEY (execution_id) REFERENCES executions(id) ON DELETE CASCADE
);
CREATE INDEX execution_logs_execution ON execution_logs USING btree (execution_id, seq);

CREATE TABLE executions (
  id uuid NOT NULL,
  workflow_id uuid,
  version integer NOT NULL,
  name text NOT NULL,
  document jsonb NOT NULL,
  status text NOT NULL,
  inputs jsonb NOT NULL,
  result jsonb,
  error jsonb,
  usage jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  lease_owner text,
  lease_epoch bigint NOT NULL DEFAULT 0,
  lease_expires_at timestamp with time zone,
  origin jsonb,
  budget jsonb,
  paused_at timestamp with time zone,
  paused_ms bigint NOT NULL DEFAULT 0,
  parent_execution_id uuid,
  parent_step_id uuid,
  parent_effect_key text,
  depth integer NOT NULL DEFAULT 0,
  trigger jsonb,
  chain integer NOT NULL DEFAULT 0,
  in_line boolean NOT NULL DEFAULT false,
  deleting boolean NOT NULL DEFAULT false,
  CONSTRAINT executions_pkey PRIMARY KEY (id),
  CONSTRAINT executions_parent_execution_id_executions_id_fk FOREIGN KEY (parent_execution_id) REFERENCES executions(id) ON DELETE CASCADE,
  CONSTRAINT executions_workflow_id_workflows_id_fk FOREIGN KEY (workflow_id) REFERENCES workflows(id)
);
CREATE UNIQUE INDEX executions_child ON executions USING btree (parent_execution_id, parent_effect_key);
CREATE INDEX executions_deleting ON executions USING btree (id) WHERE deleting;
CREATE INDEX executions_ended ON executions USING btree (completed_at) WHERE ((completed_at IS NOT NULL) AND (parent_execution_id IS NULL) AND (NOT deleting));
CREATE INDEX executions_in_line ON executions USING btree (workflow_id, id) WHERE in_line;
CREATE INDEX executions_open ON executions USING btree (status) WHERE (completed_at IS NULL);
CREATE INDEX executions_retried ON executions USING btree (((origin ->> 'executionId'::text))) WHERE ((origin ->> 'kind'::text) = 'retry'::text);
CREATE INDEX executions_status ON executions USING btree (status, id);
CREATE INDEX executions_workflow ON executions USING btree (workflow_id, id);

CREATE TABLE hosts (
  id text NOT NULL,
  name text NOT NULL,
  roles text[] NOT NULL,
  started_at timestamp with time zone NOT NULL,
  last_seen_at timestamp with time zone NOT NULL,
  CONSTRAINT hosts_pkey PRIMARY KEY (id)
);

CREATE TABLE idempotency_keys (
  principal text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status integer,
  response jsonb,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_keys_principal_key_pk PRIMARY KEY (principal, key)
);

CREATE TABLE inbox_items (
  id uuid NOT NULL,
  type text NOT NULL,
  state text NOT NULL,
  title text NOT NULL,
  payload jsonb NOT NULL,
  hash text NOT NULL,
  agent_id uuid,
  execution_id uuid,
  step_id uuid,
  effect_key text,
  roles jsonb,
  choices jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone,
  resolution jsonb,
  form jsonb,
  request_id text,
  CONSTRAINT inbox_items_pkey PRIMARY KEY (id),
  CONSTRAINT inbox_items_execution_id_executions_id_fk FOREIGN KEY (execution_id) REFERENCES executions(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX inbox_attempt ON inbox_items USING btree (execution_id, effect_key, type) WHERE (state = 'open'::text);
CREATE INDEX inbox_execution ON inbox_items USING btree (execution_id);
CREATE INDEX inbox_open ON inbox_items USING btree (created_at) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX inbox_request ON inbox_items USING btree (agent_id, request_id) WHERE (request_id IS NOT NULL);

CREATE TABLE incidents (
  id uuid NOT NULL,
  fingerprint text NOT NULL,
  scope text NOT NULL,
  state text NOT NULL,
  opened_at timestamp with time zone NOT NULL,
  history jsonb NOT NULL,
  class text NOT NULL,
  rule text NOT NULL,
  title text NOT NULL,
  detail text NOT NULL,
  count integer NOT NULL,
  last_seen_at timestamp with time zone NOT NULL,
  closed_at timestamp with time zone,
  taken_by text,
  resolution jsonb,
  agent_id uuid,
  workflow_id uuid,
  execution_id uuid,
  step_id uuid,
  node_id text,
  CONSTRAINT incidents_pkey PRIMARY KEY (id)
);
CREATE INDEX incidents_fingerprint ON incidents USING btree (fingerprint, id);
CREATE UNIQUE INDEX incidents_open ON incidents USING btree (fingerprint) WHERE (closed_at IS NULL);

CREATE TABLE leases (
  name text NOT NULL,
  owner text NOT NULL,
  epoch bigint NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT leases_pkey PRIMARY KEY (name)
);

CREATE TABLE mailbox (
  id bigint NOT NULL DEFAULT nextval('mailbox_id_seq'::regclass),
  execution_id uuid NOT NULL,
  event jsonb NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  taken boolean NOT NULL DEFAULT false,
  CONSTRAINT mailbox_pkey PRIMARY KEY (id),
  CONSTRAINT mailbox_execution_id_executions_id_fk FOREIGN KEY (execution_id) REFERENCES executions(id) ON DELETE CASCADE
);
CREATE INDEX mailbox_execution ON mailbox USING btree (execution_id);
CREATE INDEX mailbox_waiting ON mailbox USING btree (execution_id, id) WHERE (NOT taken);

CREATE TABLE node_configs (
  id uuid NOT NULL,
  node_id uuid NOT NULL,
  config jsonb NOT NULL,
  CONSTRAINT node_configs_pkey PRIMARY KEY (id),
  CONSTRAINT node_configs_node_id_workflow_nodes_id_fk FOREIGN KEY (node_id) REFERENCES workflow_nodes(id) ON DELETE CASCADE
);

CREATE TABLE policies (
  id uuid NOT NULL,
  effect text NOT NULL,
  agent_id uuid,
  role text,
  tool text NOT NULL,
  pattern text,
  note text,
  created_by text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT policies_pkey PRIMARY KEY (id),
  CONSTRAINT policies_agent_id_agents_id_fk FOREIGN KEY (agent_id) REFERENCES agents(id) ON DELETE CASCADE
);

CREATE TABLE preferences (
  owner_id uuid NOT NULL,
  key text NOT NULL,
  value jsonb,
  version integer NOT NULL,
  updated_at timestamp with time zone NOT NULL,
  CONSTRAINT preferences_owner_id_key_pk PRIMARY KEY (owner_id, key)
);

CREATE TABLE push_deliveries (
  item_id uuid NOT NULL,
  subscription_id uuid NOT NULL,
  status text NOT NULL,
  tries integer NOT NULL,
  at timestamp with time zone NOT NULL,
  CONSTRAINT push_deliveries_item_id_subscription_id_pk PRIMARY KEY (item_id, subscription_id),
  CONSTRAINT push_deliveries_item_id_inbox_items_id_fk FOREIGN KEY (item_id) REFERENCES inbox_items(id) ON DELETE CASCADE,
  CONSTRAINT push_deliveries_subscription_id_push_subscriptions_id_fk FOREIGN KEY (subscription_id) REFERENCES push_subscriptions(id) ON DELETE CASCADE
);
CREATE INDEX push_deliveries_again ON push_deliveries USING btree (at) WHERE (status = 'again'::text);

CREATE TABLE push_keys (
  id integer NOT NULL DEFAULT 1,
  public_key text NOT NULL,
  private_key text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT push_keys_pkey PRIMARY KEY (id)
);

CREATE TABLE push_subscriptions (
  id uuid NOT NULL,
  owner_id uuid NOT NULL,
  endpoint_hash text NOT NULL,
  service text NOT NULL,
  device text NOT NULL,
  kinds text[] NOT NULL,
  sealed text NOT NULL,
  since timestamp with time zone NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  last_sent_at timestamp with time zone,
  CONSTRAINT push_subscriptions_pkey PRIMARY KEY (id),
  CONSTRAINT push_subscriptions_endpoint_hash_unique UNIQUE (endpoint_hash)
);
CREATE INDEX push_subscriptions_owner ON push_subscriptions USING btree (owner_id);

CREATE TABLE retention_runs (
  id uuid NOT NULL,
  keep_days double precision,
  before timestamp with time zone,
  started_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone,
  deleted jsonb NOT NULL,
  owner text NOT NULL,
  lease_expires_at timestamp with time zone NOT NULL,
  CONSTRAINT retention_runs_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX retention_runs_open ON retention_runs USING btree ((true)) WHERE (finished_at IS NULL);

CREATE TABLE secrets (
  name text NOT NULL,
  ciphertext text NOT NULL,
  created_by text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT secrets_pkey PRIMARY KEY (name)
);

CREATE TABLE sessions (
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  refresh_hash text NOT NULL,
  previous_refresh_hash text,
  refreshed_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE shared_state (
  namespace text NOT NULL,
  key text NOT NULL,
  value jsonb,
  version integer NOT NULL,
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT shared_state_namespace_key_pk PRIMARY KEY (namespace, key)
);

CREATE TABLE sign_in_codes (
  hash text NOT NULL,
  user_id uuid NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone,
  CONSTRAINT sign_in_codes_pkey PRIMARY KEY (hash),
  CONSTRAINT sign_in_codes_user_id_users_id_fk FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE steps (
  id uuid NOT NULL,
  seq bigint NOT NULL DEFAULT nextval('steps_seq_seq'::regclass),
  execution_id uuid NOT NULL,
  node_id text NOT NULL,
  iteration integer NOT NULL,
  item jsonb,
  attempt integer NOT NULL,
  status text NOT NULL,
  reason text,
  input jsonb,
  output jsonb,
  error jsonb,
  task_id uuid,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  carried_from uuid,
  child_execution_id uuid,
  CONSTRAINT steps_pkey PRIMARY KEY (id),
  CONSTRAINT steps_execution_id_executions_id_fk FOREIGN KEY (execution_id) REFERENCES executions(id) ON DELETE CASCADE
);
CREATE INDEX steps_execution ON steps USING btree (execution_id, seq);

CREATE TABLE timers (
  execution_id uuid NOT NULL,
  timer_id text NOT NULL,
  fire_at timestamp with time zone NOT NULL,
  CONSTRAINT timers_execution_id_timer_id_pk PRIMARY KEY (execution_id, timer_id),
  CONSTRAINT timers_execution_id_executions_id_fk FOREIGN KEY (execution_id) REFERENCES executions(id) ON DELETE CASCADE
);
CREATE INDEX timers_due ON timers USING btree (fire_at);

CREATE TABLE tokens (
  id uuid NOT NULL,
  name text NOT NULL,
  hash text NOT NULL,
  role text NOT NULL,
  permissions text[] NOT NULL DEFAULT '{}'::text[],
  created_by text NOT NULL,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT tokens_pkey PRIMARY KEY (id),
  CONSTRAINT tokens_hash_unique UNIQUE (hash)
);

CREATE TABLE topics (
  topic text NOT NULL,
  seq bigint NOT NULL,
  CONSTRAINT topics_pkey PRIMARY KEY (topic)
);

CREATE TABLE trigger_deliveries (
  trigger_id uuid NOT NULL,
  key text NOT NULL,
  execution_id uuid,
  expires_at timestamp with time zone,
  CONSTRAINT trigger_deliveries_trigger_id_key_pk PRIMARY KEY (trigger_id, key),
  CONSTRAINT trigger_deliveries_trigger_id_triggers_id_fk FOREIGN KEY (trigger_id) REFERENCES triggers(id) ON DELETE CASCADE
);
CREATE INDEX trigger_deliveries_expiry ON trigger_deliveries USING btree (expires_at);

CREATE TABLE triggers (
  id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  key text NOT NULL,
  kind text NOT NULL,
  position integer NOT NULL,
  config jsonb NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  next_at timestamp with time zone,
  cursor jsonb,
  revision bigint NOT NULL DEFAULT 0,
  secret text,
  secret_set_at timestamp with time zone,
  last_fired_at timestamp with time zone,
  last_outcome text,
  last_execution_id uuid,
  last_error jsonb,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  retired_at timestamp with time zone,
  CONSTRAINT triggers_pkey PRIMARY KEY (id),
  CONSTRAINT triggers_workflow_id_workflows_id_fk FOREIGN KEY (workflow_id) REFERENCES workflows(id)
);
CREATE INDEX triggers_due ON triggers USING btree (next_at) WHERE enabled;
CREATE UNIQUE INDEX triggers_key ON triggers USING btree (workflow_id, key);

CREATE TABLE usage_days (
  day date NOT NULL,
  agent_id uuid NOT NULL,
  workflow_id uuid,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost double precision NOT NULL,
  CONSTRAINT usage_days_key UNIQUE NULLS NOT DISTINCT (day, agent_id, workflow_id),
  CONSTRAINT usage_days_agent_id_agents_id_fk FOREIGN KEY (agent_id) REFERENCES agents(id)
);

CREATE TABLE users (
  id uuid NOT NULL,
  name text NOT NULL,
  role text NOT NULL,
  permissions text[] NOT NULL DEFAULT '{}'::text[],
  password_hash text,
  disabled boolean NOT NULL DEFAULT false,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_name_unique UNIQUE (name)
);

CREATE TABLE workflow_edges (
  id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  source_node_id uuid NOT NULL,
  target_node_id uuid NOT NULL,
  conditions jsonb NOT NULL,
  CONSTRAINT workflow_edges_pkey PRIMARY KEY (id),
  CONSTRAINT workflow_edges_source_node_id_workflow_nodes_id_fk FOREIGN KEY (source_node_id) REFERENCES workflow_nodes(id) ON DELETE CASCADE,
  CONSTRAINT workflow_edges_target_node_id_workflow_nodes_id_fk FOREIGN KEY (target_node_id) REFERENCES workflow_nodes(id) ON DELETE CASCADE,
  CONSTRAINT workflow_edges_workflow_id_workflows_id_fk FOREIGN KEY (workflow_id) REFERENCES workflows(id)
);

CREATE TABLE workflow_nodes (
  id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  name text NOT NULL,
  node_type text NOT NULL,
  position jsonb,
  data jsonb NOT NULL,
  CONSTRAINT workflow_nodes_pkey PRIMARY KEY (id),
  CONSTRAINT workflow_nodes_workflow_id_workflows_id_fk FOREIGN KEY (workflow_id) REFERENCES workflows(id)
);
CREATE UNIQUE INDEX workflow_nodes_name ON workflow_nodes USING btree (workflow_id, name);

CREATE TABLE workflow_versions (
  workflow_id uuid NOT NULL,
  version integer NOT NULL,
  document jsonb NOT NULL,
  problems jsonb NOT NULL,
  draft boolean NOT NULL DEFAULT false,
  note text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  CONSTRAINT workflow_versions_workflow_id_version_pk PRIMARY KEY (workflow_id, version),
  CONSTRAINT workflow_versions_workflow_id_workflows_id_fk FOREIGN KEY (workflow_id) REFERENCES workflows(id)
);

CREATE TABLE workflows (
  id uuid NOT NULL,
  name text NOT NULL,
  metadata jsonb NOT NULL,
  version integer NOT NULL,
  live_version integer,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  deleted_at timestamp with time zone,
  imported jsonb,
  CONSTRAINT workflows_pkey PRIMARY KEY (id)
);

CREATE OR REPLACE FUNCTION public.audit_hash(entry audit)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT sha256(convert_to(jsonb_build_array(
    entry.seq, extract(epoch FROM entry.at), entry.actor, entry.action, entry.subject, entry.detail, entry.request_id
  )::text, 'UTF8'))
$function$
;

CREATE OR REPLACE FUNCTION public.refuse_audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'the audit is only ever added to';
END
$function$
;

CREATE OR REPLACE FUNCTION public.seal_audit_entry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.hash := audit_hash(NEW);
  RETURN NEW;
END
$function$
;

CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

CREATE TRIGGER audit_hashed BEFORE INSERT ON public.audit FOR EACH ROW EXECUTE FUNCTION seal_audit_entry();
