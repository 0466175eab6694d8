/** Every table. Forward-only migrations are generated from this file; `migrations/schema.sql` is its committed dump. */
import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  bigserial,
  boolean,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { at, bytes, json, text } from './columns.ts';

const createdAt = () =>
  at('created_at')
    .notNull()
    .default(sql`now()`);

// ---- people and programs ----

export const users = pgTable('users', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull().unique(),
  role: text('role').notNull(),
  permissions: text('permissions')
    .array()
    .notNull()
    .default(sql`'{}'`),
  passwordHash: text('password_hash'),
  disabled: boolean('disabled').notNull().default(false),
  createdAt: createdAt(),
});

export const sessions = pgTable('sessions', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** SHA-256 of the refresh secret in use, and of the one before it: its second use revokes the session. */
  refreshHash: text('refresh_hash').notNull(),
  previousRefreshHash: text('previous_refresh_hash'),
  refreshedAt: at('refreshed_at')
    .notNull()
    .default(sql`now()`),
  expiresAt: at('expires_at').notNull(),
  revokedAt: at('revoked_at'),
  createdAt: createdAt(),
});

export const signInCodes = pgTable('sign_in_codes', {
  hash: text('hash').primaryKey(),
  userId: uuid('user_id')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  expiresAt: at('expires_at').notNull(),
  usedAt: at('used_at'),
});

export const tokens = pgTable('tokens', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  hash: text('hash').notNull().unique(),
  role: text('role').notNull(),
  permissions: text('permissions')
    .array()
    .notNull()
    .default(sql`'{}'`),
  createdBy: text('created_by').notNull(),
  expiresAt: at('expires_at'),
  lastUsedAt: at('last_used_at'),
  revokedAt: at('revoked_at'),
  createdAt: createdAt(),
});

/** Views for other pages. The address proves itself; the row says that it still counts. */
export const embeds = pgTable(
  'embeds',
  {
    id: uuid('id').primaryKey(),
    show: text('show').notNull(),
    /** Of the agent or execution; no foreign key: the view of something that is gone shows nothing. */
    subjectId: uuid('subject_id'),
    parents: text('parents').array().notNull(),
    createdBy: text('created_by').notNull(),
    /** A user or a token. */
    ownerId: uuid('owner_id').notNull(),
    createdAt: createdAt(),
    expiresAt: at('expires_at').notNull(),
    lastUsedAt: at('last_used_at'),
    revokedAt: at('revoked_at'),
  },
  (table) => [index('embeds_owner').on(table.ownerId, table.id), index('embeds_expiry').on(table.expiresAt)],
);

export const secrets = pgTable('secrets', {
  name: text('name').primaryKey(),
  ciphertext: text('ciphertext').notNull(),
  createdBy: text('created_by').notNull(),
  createdAt: createdAt(),
  updatedAt: at('updated_at')
    .notNull()
    .default(sql`now()`),
});

/** Where workflows send messages. `url` may be, and `secret` is, the name of a secret. */
export const channels = pgTable('channels', {
  name: text('name').primaryKey(),
  kind: text('kind').notNull(),
  url: text('url').notNull(),
  secret: text('secret'),
  createdBy: text('created_by').notNull(),
  createdAt: createdAt(),
  updatedAt: at('updated_at')
    .notNull()
    .default(sql`now()`),
});

export const audit = pgTable('audit', {
  seq: bigserial('seq', { mode: 'number' }).primaryKey(),
  at: at('at')
    .notNull()
    .default(sql`now()`),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  subject: text('subject').notNull(),
  detail: json('detail').notNull(),
  requestId: text('request_id'),
  /** Of everything above; written by a trigger, which refuses every later change. */
  hash: bytes('hash'),
});

/** Each stands for all entries up to its own and for the seals before it. */
export const auditSeals = pgTable('audit_seals', {
  toSeq: bigint('to_seq', { mode: 'number' }).primaryKey(),
  entries: integer('entries').notNull(),
  hash: bytes('hash').notNull(),
  at: at('at')
    .notNull()
    .default(sql`now()`),
});

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    principal: text('principal').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status'),
    response: json('response'),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.principal, table.key] })],
);

// ---- machines ----

export const hosts = pgTable('hosts', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  roles: text('roles').array().notNull(),
  startedAt: at('started_at').notNull(),
  lastSeenAt: at('last_seen_at').notNull(),
});

export const leases = pgTable('leases', {
  name: text('name').primaryKey(),
  owner: text('owner').notNull(),
  epoch: bigint('epoch', { mode: 'number' }).notNull(),
  expiresAt: at('expires_at').notNull(),
});

/** What went wrong; open until `closed_at`, and of one fingerprint once at a time. */
export const incidents = pgTable(
  'incidents',
  {
    id: uuid('id').primaryKey(),
    fingerprint: text('fingerprint').notNull(),
    scope: text('scope').notNull(),
    state: text('state').notNull(),
    class: text('class').notNull(),
    rule: text('rule').notNull(),
    title: text('title').notNull(),
    detail: text('detail').notNull(),
    count: integer('count').notNull(),
    openedAt: at('opened_at').notNull(),
    lastSeenAt: at('last_seen_at').notNull(),
    closedAt: at('closed_at'),
    takenBy: text('taken_by'),
    resolution: json('resolution'),
    /** What it is about; no foreign keys: it tells of what happened, also when that is removed. */
    agentId: uuid('agent_id'),
    workflowId: uuid('workflow_id'),
    executionId: uuid('execution_id'),
    stepId: uuid('step_id'),
    nodeId: text('node_id'),
    history: json('history').notNull(),
  },
  (table) => [
    uniqueIndex('incidents_open')
      .on(table.fingerprint)
      .where(sql`closed_at is null`),
    index('incidents_fingerprint').on(table.fingerprint, table.id),
  ],
);

// ---- agents ----

export const agents = pgTable(
  'agents',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    /** The kind of CLI. */
    type: text('type').notNull(),
    mode: text('mode').notNull(),
    role: text('role').notNull(),
    model: text('model'),
    status: text('status').notNull(),
    statusReason: text('status_reason').notNull(),
    statusSource: text('status_source').notNull(),
    statusSince: at('status_since').notNull(),
    /** What a person last asked for: running or stopped. */
    desired: text('desired').notNull().default('stopped'),
    workspace: json('workspace').notNull(),
    capabilities: json('capabilities').notNull(),
    instructions: text('instructions'),
    /** What its definition said when that was last readable. */
    definition: json('definition'),
    permissionMode: text('permission_mode'),
    command: json('command'),
    env: json('env').notNull(),
    autostart: boolean('autostart').notNull().default(false),
    hostId: text('host_id').notNull(),
    /** The live session (SessionRef), stored before anything is typed into it. */
    session: json('session'),
    restarts: json('restarts').notNull(),
    seat: json('seat'),
    /** Last sample of its process tree: percent of a core, bytes. */
    cpu: doublePrecision('cpu').notNull().default(0),
    memory: bigint('memory', { mode: 'number' }).notNull().default(0),
    tokens: bigint('tokens', { mode: 'number' }).notNull().default(0),
    cost: doublePrecision('cost').notNull().default(0),
    /** What each of its conversations has used so far, so that a total told twice counts once. */
    usageMarks: json('usage_marks')
      .notNull()
      .default(sql`'{}'::jsonb`),
    /** What it may use each day (AgentBudget), and why it begins no task now (AgentHold). */
    budget: json('budget'),
    held: json('held'),
    lastActivity: at('last_activity'),
    createdAt: createdAt(),
    deletedAt: at('deleted_at'),
  },
  (table) => [
    uniqueIndex('agents_name_key')
      .on(table.name)
      .where(sql`deleted_at is null`),
  ],
);

export const agentTasks = pgTable(
  'agent_tasks',
  {
    id: uuid('id').primaryKey(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    executionId: uuid('execution_id'),
    stepId: uuid('step_id'),
    /** Key of the effect this task carries out, when an execution asked for it. */
    effectKey: text('effect_key'),
    prompt: text('prompt').notNull(),
    outputSchema: json('output_schema'),
    timeoutMs: bigint('timeout_ms', { mode: 'number' }),
    /** Where it works when that is not where its agent lives, and what became of its changes (TaskWorkspace). */
    workspace: json('workspace'),
    status: text('status').notNull(),
    /** Set when somebody asked to stop it: 'cancelled' or 'timed_out'. */
    stopping: text('stopping'),
    acceptedAt: at('accepted_at')
      .notNull()
      .default(sql`now()`),
    typedAt: at('typed_at'),
    submittedAt: at('submitted_at'),
    turnStartedAt: at('turn_started_at'),
    finishedAt: at('finished_at'),
    result: json('result'),
    usage: json('usage').notNull(),
    error: json('error'),
    createdBy: text('created_by').notNull(),
    /** What the agent said of it by its tools, whether it was told to correct its answer, who handed it over. */
    completion: json('completion'),
    repair: json('repair'),
    delegation: json('delegation'),
    /** `fresh`: begun in a new conversation. */
    session: text('session').notNull().default('reuse'),
    createdAt: createdAt(),
  },
  (table) => [
    index('agent_tasks_agent').on(table.agentId, table.createdAt),
    index('agent_tasks_open')
      .on(table.agentId)
      .where(sql`finished_at is null`),
    uniqueIndex('agent_tasks_effect').on(table.executionId, table.effectKey),
    index('agent_tasks_worktree').on(sql`(workspace->'worktree'->>'name')`),
  ],
);

export const agentMetrics = pgTable(
  'agent_metrics',
  {
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id, { onDelete: 'cascade' }),
    at: at('at').notNull(),
    cpu: doublePrecision('cpu').notNull(),
    memory: bigint('memory', { mode: 'number' }).notNull(),
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
    cost: doublePrecision('cost').notNull(),
  },
  (table) => [primaryKey({ columns: [table.agentId, table.at] })],
);

/** What was used, added in the commit that books it on agent, task and execution. */
export const usageDays = pgTable(
  'usage_days',
  {
    /** In UTC. */
    day: date('day', { mode: 'string' }).notNull(),
    agentId: uuid('agent_id')
      .notNull()
      .references(() => agents.id),
    /** Null: for no execution of a saved workflow. No foreign key: workflows are removed, what they cost is not. */
    workflowId: uuid('workflow_id'),
    inputTokens: bigint('input_tokens', { mode: 'number' }).notNull(),
    outputTokens: bigint('output_tokens', { mode: 'number' }).notNull(),
    cost: doublePrecision('cost').notNull(),
  },
  (table) => [unique('usage_days_key').on(table.day, table.agentId, table.workflowId).nullsNotDistinct()],
);

/** What people decided about a budget of one day: of an agent, or of all together. */
export const budgetDays = pgTable(
  'budget_days',
  {
    day: date('day', { mode: 'string' }).notNull(),
    /** An agent's id, or `all`. */
    scope: text('scope').notNull(),
    /** New limits for this day (Limits). */
    raised: json('raised'),
    stopped: boolean('stopped').notNull().default(false),
    /** The newest item that asked. */
    itemId: uuid('item_id'),
  },
  (table) => [primaryKey({ columns: [table.day, table.scope] })],
);

// ---- workflows ----

export const workflows = pgTable('workflows', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  metadata: json('metadata').notNull(),
  version: integer('version').notNull(),
  liveVersion: integer('live_version'),
  createdAt: createdAt(),
  updatedAt: at('updated_at')
    .notNull()
    .default(sql`now()`),
  createdBy: text('created_by').notNull(),
  deletedAt: at('deleted_at'),
  /** Of another tool's workflow: where it came from and which content is allowed (ImportRecord). */
  imported: json('imported'),
});

export const workflowVersions = pgTable(
  'workflow_versions',
  {
    workflowId: uuid('workflow_id')
      .notNull()
      .references(() => workflows.id),
    version: integer('version').notNull(),
    document: json('document').notNull(),
    problems: json('problems').notNull(),
    draft: boolean('draft').notNull().default(false),
    note: text('note'),
    createdAt: createdAt(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.workflowId, table.version] })],
);

/** Nodes of the newest version, for queries; the document is the truth. */
export const workflowNodes = pgTable(
  'workflow_nodes',
  {
    id: uuid('id').primaryKey(),
    workflowId: uuid('workflow_id')
      .notNull()
      .references(() => workflows.id),
    name: text('name').notNull(),
    nodeType: text('node_type').notNull(),
    position: json('position'),
    data: json('data').notNull(),
  },
  (table) => [uniqueIndex('workflow_nodes_name').on(table.workflowId, table.name)],
);

export const workflowEdges = pgTable('workflow_edges', {
  id: uuid('id').primaryKey(),
  workflowId: uuid('workflow_id')
    .notNull()
    .references(() => workflows.id),
  sourceNodeId: uuid('source_node_id')
    .notNull()
    .references(() => workflowNodes.id, { onDelete: 'cascade' }),
  targetNodeId: uuid('target_node_id')
    .notNull()
    .references(() => workflowNodes.id, { onDelete: 'cascade' }),
  conditions: json('conditions').notNull(),
});

export const nodeConfigs = pgTable('node_configs', {
  id: uuid('id').primaryKey(),
  nodeId: uuid('node_id')
    .notNull()
    .references(() => workflowNodes.id, { onDelete: 'cascade' }),
  config: json('config').notNull(),
});

/** What starts executions of the live version; those of other versions are retired until it is one of these again. */
export const triggers = pgTable(
  'triggers',
  {
    id: uuid('id').primaryKey(),
    workflowId: uuid('workflow_id')
      .notNull()
      .references(() => workflows.id),
    /** What it listens to; the same one in the next version. */
    key: text('key').notNull(),
    kind: text('kind').notNull(),
    position: integer('position').notNull(),
    /** As the document has it (WorkflowTrigger). */
    config: json('config').notNull(),
    enabled: boolean('enabled').notNull().default(true),
    nextAt: at('next_at'),
    /** How far it has looked, in the words of its kind. */
    cursor: json('cursor'),
    /** Grows with each thing it noticed; who was slower with the same one finds another number. */
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    /** Of a webhook, encrypted. */
    secret: text('secret'),
    secretSetAt: at('secret_set_at'),
    lastFiredAt: at('last_fired_at'),
    lastOutcome: text('last_outcome'),
    lastExecutionId: uuid('last_execution_id'),
    lastError: json('last_error'),
    createdAt: createdAt(),
    /** Since when the live version has none like it: it notices nothing, and keeps its id, secret and taken calls. */
    retiredAt: at('retired_at'),
  },
  (table) => [
    uniqueIndex('triggers_key').on(table.workflowId, table.key),
    index('triggers_due')
      .on(table.nextAt)
      .where(sql`enabled`),
  ],
);

/** Calls of webhooks that were taken, so that none is taken twice. */
export const triggerDeliveries = pgTable(
  'trigger_deliveries',
  {
    triggerId: uuid('trigger_id')
      .notNull()
      .references(() => triggers.id, { onDelete: 'cascade' }),
    key: text('key').notNull(),
    executionId: uuid('execution_id'),
    /** When its signature is too old by itself; null: never. */
    expiresAt: at('expires_at'),
  },
  (table) => [
    primaryKey({ columns: [table.triggerId, table.key] }),
    index('trigger_deliveries_expiry').on(table.expiresAt),
  ],
);

// ---- executions ----

export const executions = pgTable(
  'executions',
  {
    id: uuid('id').primaryKey(),
    workflowId: uuid('workflow_id').references(() => workflows.id),
    version: integer('version').notNull(),
    name: text('name').notNull(),
    /** The exact graph it runs, for ever. */
    document: json('document').notNull(),
    status: text('status').notNull(),
    inputs: json('inputs').notNull(),
    /** The execution it goes on from, and how; null when it began with nothing. */
    origin: json('origin'),
    /** The execution that has started it, goes before it and takes it along when it is removed. */
    parentExecutionId: uuid('parent_execution_id').references((): AnyPgColumn => executions.id, {
      onDelete: 'cascade',
    }),
    parentStepId: uuid('parent_step_id'),
    /** The effect of the parent that it is; two can never be started for one. */
    parentEffectKey: text('parent_effect_key'),
    depth: integer('depth').notNull().default(0),
    /** The trigger that has started it ({id, kind}); no foreign key: triggers go with the versions that have them. */
    trigger: json('trigger'),
    /** How many executions, each started by a trigger because of the one before, led to it. */
    chain: integer('chain').notNull().default(0),
    /** Waits for others of its workflow to end; nobody advances it before. */
    inLine: boolean('in_line').notNull().default(false),
    result: json('result'),
    error: json('error'),
    usage: json('usage').notNull(),
    /** Its limits in force and the item that asks about them (StoredBudget); null: nothing is limited. */
    budget: json('budget'),
    /** The time of the document's budget stands still while it is paused. */
    pausedAt: at('paused_at'),
    pausedMs: bigint('paused_ms', { mode: 'number' }).notNull().default(0),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    startedAt: at('started_at'),
    completedAt: at('completed_at'),
    leaseOwner: text('lease_owner'),
    leaseEpoch: bigint('lease_epoch', { mode: 'number' }).notNull().default(0),
    leaseExpiresAt: at('lease_expires_at'),
    /** Nobody sees it any more; what lies below it is being deleted. */
    deleting: boolean('deleting').notNull().default(false),
  },
  (table) => [
    // Pages of lists go by id, which grows with time.
    index('executions_status').on(table.status, table.id),
    index('executions_open')
      .on(table.status)
      .where(sql`completed_at is null`),
    index('executions_workflow').on(table.workflowId, table.id),
    index('executions_retried')
      .on(sql`(origin->>'executionId')`)
      .where(sql`origin->>'kind' = 'retry'`),
    uniqueIndex('executions_child').on(table.parentExecutionId, table.parentEffectKey),
    index('executions_in_line')
      .on(table.workflowId, table.id)
      .where(sql`in_line`),
    index('executions_ended')
      .on(table.completedAt)
      .where(sql`completed_at is not null and parent_execution_id is null and not deleting`),
    index('executions_deleting')
      .on(table.id)
      .where(sql`deleting`),
  ],
);

/** Each time that old executions were deleted; open until `finished_at`, and never two at once. */
export const retentionRuns = pgTable(
  'retention_runs',
  {
    id: uuid('id').primaryKey(),
    /** Days that executions were kept, and before when they must have ended; null: only what had begun is finished. */
    keepDays: doublePrecision('keep_days'),
    before: at('before'),
    startedAt: at('started_at').notNull(),
    finishedAt: at('finished_at'),
    /** What is gone so far (Deleted). */
    deleted: json('deleted').notNull(),
    owner: text('owner').notNull(),
    leaseExpiresAt: at('lease_expires_at').notNull(),
  },
  () => [
    uniqueIndex('retention_runs_open')
      .on(sql`(true)`)
      .where(sql`finished_at is null`),
  ],
);

export const steps = pgTable(
  'steps',
  {
    id: uuid('id').primaryKey(),
    seq: bigserial('seq', { mode: 'number' }).notNull(),
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.id, { onDelete: 'cascade' }),
    nodeId: text('node_id').notNull(),
    iteration: integer('iteration').notNull(),
    item: json('item'),
    attempt: integer('attempt').notNull(),
    status: text('status').notNull(),
    reason: text('reason'),
    input: json('input'),
    output: json('output'),
    error: json('error'),
    taskId: uuid('task_id'),
    /** No foreign key: a kept step goes on naming that of the execution it was taken from. */
    childExecutionId: uuid('child_execution_id'),
    /** The step of an earlier execution that it was taken over from; no foreign key: that one may be removed. */
    carriedFrom: uuid('carried_from'),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
  },
  (table) => [index('steps_execution').on(table.executionId, table.seq)],
);

/** What an execution decided to do outside: committed before it is done, closed with its outcome. */
export const effects = pgTable(
  'effects',
  {
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.id, { onDelete: 'cascade' }),
    key: text('key').notNull(),
    kind: text('kind').notNull(),
    payload: json('payload').notNull(),
    /** intended → started → done */
    status: text('status').notNull(),
    /** Why it should stop, once somebody asked. */
    cancel: text('cancel'),
    /** How far its output was taken into the log. */
    progress: json('progress'),
    hostId: text('host_id'),
    createdAt: createdAt(),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.key] }),
    index('effects_open')
      .on(table.status)
      .where(sql`status <> 'done'`),
  ],
);

/** The durable mailbox: what happened to an execution and was not taken into its state yet. */
export const mailbox = pgTable(
  'mailbox',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.id, { onDelete: 'cascade' }),
    event: json('event').notNull(),
    at: at('at')
      .notNull()
      .default(sql`now()`),
    taken: boolean('taken').notNull().default(false),
  },
  (table) => [
    index('mailbox_waiting')
      .on(table.executionId, table.id)
      .where(sql`not taken`),
    // For the day on which the execution is deleted, and for nothing else. Without it each one that goes is a look at all
    // letters, by the foreign key too, which no partial index serves: among half a million 100 ms instead of half a one.
    // It costs 190 bytes of WAL for each letter (810 instead of 620).
    index('mailbox_execution').on(table.executionId),
  ],
);

export const timers = pgTable(
  'timers',
  {
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.id, { onDelete: 'cascade' }),
    timerId: text('timer_id').notNull(),
    fireAt: at('fire_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.timerId] }), index('timers_due').on(table.fireAt)],
);

export const executionLogs = pgTable(
  'execution_logs',
  {
    seq: bigserial('seq', { mode: 'number' }).primaryKey(),
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.id, { onDelete: 'cascade' }),
    stepId: uuid('step_id'),
    nodeId: text('node_id'),
    at: at('at')
      .notNull()
      .default(sql`now()`),
    stream: text('stream').notNull(),
    text: text('text').notNull(),
  },
  (table) => [index('execution_logs_execution').on(table.executionId, table.seq)],
);

export const checkpoints = pgTable(
  'checkpoints',
  {
    threadId: text('thread_id').notNull(),
    namespace: text('namespace').notNull().default(''),
    checkpointId: text('checkpoint_id').notNull(),
    parentId: text('parent_id'),
    seq: bigserial('seq', { mode: 'number' }).notNull(),
    /** The checkpoint without its channel values. */
    checkpoint: json('checkpoint').notNull(),
    /** Channel values that changed, whole or as a difference to the parent's. */
    changes: json('changes').notNull(),
    /** True when `changes` needs no parent. */
    complete: boolean('complete').notNull(),
    metadata: json('metadata').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.threadId, table.namespace, table.checkpointId] }),
    index('checkpoints_order').on(table.threadId, table.namespace, table.seq),
  ],
);

export const checkpointWrites = pgTable(
  'checkpoint_writes',
  {
    threadId: text('thread_id').notNull(),
    namespace: text('namespace').notNull(),
    checkpointId: text('checkpoint_id').notNull(),
    taskId: text('task_id').notNull(),
    taskPath: text('task_path').notNull().default(''),
    index: integer('index').notNull(),
    channel: text('channel').notNull(),
    value: json('value'),
  },
  (table) => [
    primaryKey({ columns: [table.threadId, table.namespace, table.checkpointId, table.taskId, table.index] }),
    foreignKey({
      columns: [table.threadId, table.namespace, table.checkpointId],
      foreignColumns: [checkpoints.threadId, checkpoints.namespace, checkpoints.checkpointId],
      name: 'checkpoint_writes_checkpoint',
    }).onDelete('cascade'),
  ],
);

// ---- attention ----

export const inboxItems = pgTable(
  'inbox_items',
  {
    id: uuid('id').primaryKey(),
    type: text('type').notNull(),
    state: text('state').notNull(),
    title: text('title').notNull(),
    payload: json('payload').notNull(),
    hash: text('hash').notNull(),
    agentId: uuid('agent_id'),
    executionId: uuid('execution_id').references(() => executions.id, { onDelete: 'cascade' }),
    stepId: uuid('step_id'),
    /** The attempt that waits for the answer. */
    effectKey: text('effect_key'),
    roles: json('roles'),
    choices: json('choices').notNull(),
    createdAt: createdAt(),
    expiresAt: at('expires_at'),
    resolution: json('resolution'),
    form: json('form'),
    /** The CLI's own name of what it asks; unique among what this agent asked. */
    requestId: text('request_id'),
  },
  (table) => [
    uniqueIndex('inbox_request')
      .on(table.agentId, table.requestId)
      .where(sql`request_id is not null`),
    index('inbox_open')
      .on(table.createdAt)
      .where(sql`state = 'open'`),
    index('inbox_execution').on(table.executionId),
    uniqueIndex('inbox_attempt')
      .on(table.executionId, table.effectKey, table.type)
      .where(sql`state = 'open'`),
  ],
);

// ---- web push ----

/** The pair that pushes are signed with: one row, made at first use. */
export const pushKeys = pgTable('push_keys', {
  id: integer('id').primaryKey().default(1),
  publicKey: text('public_key').notNull(),
  /** Ciphertext. */
  privateKey: text('private_key').notNull(),
  createdAt: createdAt(),
});

export const pushSubscriptions = pgTable(
  'push_subscriptions',
  {
    id: uuid('id').primaryKey(),
    /** A user or a token. */
    ownerId: uuid('owner_id').notNull(),
    endpointHash: text('endpoint_hash').notNull().unique(),
    service: text('service').notNull(),
    device: text('device').notNull(),
    kinds: text('kinds').array().notNull(),
    /** Ciphertext of address and keys. */
    sealed: text('sealed').notNull(),
    since: at('since').notNull(),
    createdAt: createdAt(),
    lastSentAt: at('last_sent_at'),
  },
  (table) => [index('push_subscriptions_owner').on(table.ownerId)],
);

/** What a browser was told of: a row from before it is sent, so that nothing is ever told twice. */
export const pushDeliveries = pgTable(
  'push_deliveries',
  {
    itemId: uuid('item_id')
      .notNull()
      .references(() => inboxItems.id, { onDelete: 'cascade' }),
    subscriptionId: uuid('subscription_id')
      .notNull()
      .references(() => pushSubscriptions.id, { onDelete: 'cascade' }),
    /** sending, sent, unknown, refused, or again: nothing arrived, and it is tried again at `at`. */
    status: text('status').notNull(),
    tries: integer('tries').notNull(),
    at: at('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.itemId, table.subscriptionId] }),
    index('push_deliveries_again')
      .on(table.at)
      .where(sql`status = 'again'`),
  ],
);

// ---- preferences ----

/** What people have set up for themselves; only the web app knows what is in it. */
export const preferences = pgTable(
  'preferences',
  {
    /** A user or a token. */
    ownerId: uuid('owner_id').notNull(),
    key: text('key').notNull(),
    value: json('value'),
    version: integer('version').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.ownerId, table.key] })],
);

// ---- rules, shared state, events ----

export const policies = pgTable('policies', {
  id: uuid('id').primaryKey(),
  effect: text('effect').notNull(),
  agentId: uuid('agent_id').references(() => agents.id, { onDelete: 'cascade' }),
  role: text('role'),
  tool: text('tool').notNull(),
  pattern: text('pattern'),
  note: text('note'),
  createdBy: text('created_by').notNull(),
  createdAt: createdAt(),
});

export const sharedState = pgTable(
  'shared_state',
  {
    namespace: text('namespace').notNull(),
    key: text('key').notNull(),
    value: json('value'),
    version: integer('version').notNull(),
    updatedAt: at('updated_at')
      .notNull()
      .default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.namespace, table.key] })],
);

/** The newest event number of each topic; its row lock makes the numbers gapless. */
export const topics = pgTable('topics', {
  topic: text('topic').primaryKey(),
  seq: bigint('seq', { mode: 'number' }).notNull(),
});

export const events = pgTable(
  'events',
  {
    topic: text('topic').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    at: at('at')
      .notNull()
      .default(sql`now()`),
    event: text('event').notNull(),
    data: json('data').notNull(),
  },
  (table) => [primaryKey({ columns: [table.topic, table.seq] }), index('events_age').on(table.at)],
);
