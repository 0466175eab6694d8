/** Agents on the wire: what they are, what may be asked of them, what they are seen doing. */
import { z } from 'zod';
import { AgentBudget, AgentHold } from './budgets.ts';
import { Id, Name, Timestamp } from './identifiers.ts';

export const AgentKind = z.enum(['claude', 'codex', 'gemini', 'opencode', 'acp', 'shell']);
export type AgentKind = z.infer<typeof AgentKind>;

export const AgentMode = z.enum(['tmux', 'headless']);

export const AgentStatus = z.enum([
  'stopped',
  'starting',
  'idle',
  'working',
  'waiting_input',
  'blocked',
  'rate_limited',
  'auth_failed',
  'crashed',
  'no_signal',
]);
export type AgentStatus = z.infer<typeof AgentStatus>;

export const PermissionMode = z.enum(['manual', 'acceptEdits', 'plan', 'dontAsk', 'auto', 'bypassPermissions']);

export const WorkspaceIsolation = z.enum(['shared', 'worktree']);

/** A pane of a tmux server of the person's own. */
const OwnTerminal = z.strictObject({ socket: z.string(), paneId: z.string(), sessionName: z.string() });

export const Agent = z
  .strictObject({
    id: Id,
    name: Name,
    kind: AgentKind,
    mode: AgentMode,
    role: z.string(),
    status: AgentStatus,
    statusReason: z.string(),
    statusSource: z.string(),
    statusSince: Timestamp,
    host: z.string(),
    sessionName: z.string(),
    workspace: z.strictObject({
      path: z.string(),
      isolation: WorkspaceIsolation,
      branch: z.string().optional(),
    }),
    capabilities: z.array(z.string()),
    model: z.string().optional(),
    /** Percent of one core, whole process tree. */
    cpu: z.number(),
    /** Bytes, whole process tree. */
    memory: z.number(),
    tokens: z.number(),
    /** US dollars. */
    cost: z.number(),
    currentTask: Id.optional(),
    budget: AgentBudget.optional(),
    /** Its queued tasks wait for this. */
    heldBy: AgentHold.optional(),
    lastActivity: Timestamp.nullable(),
    createdAt: Timestamp,
    /** What it is told at its start, its own or that of its definition. */
    instructions: z.string().optional(),
    /** Name of the definition that its instructions come from. */
    definition: z.string().optional(),
    permissionMode: PermissionMode.optional(),
    command: z.array(z.string()).optional(),
    /** Names only; values are never shown. */
    envNames: z.array(z.string()).optional(),
    autostart: z.boolean().optional(),
    seat: z.strictObject({ by: z.string(), since: Timestamp }).nullable().optional(),
    /** What people should know of its program, such as that its version is older than the measured one. */
    warnings: z.array(z.string()).optional(),
    /** It still runs where a person started it, and is only observed, until it is restarted. */
    adopted: z.strictObject({ terminal: OwnTerminal.nullable() }).optional(),
  })
  .meta({ id: 'Agent' });
export type Agent = z.infer<typeof Agent>;

const EnvName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be a valid environment variable name');
const NoNul = z
  .string()
  .max(32_768)
  .regex(/^[^\u0000]*$/u, 'must not contain NUL'); // oxlint-disable-line no-control-regex

const AgentWorkspaceInput = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .regex(/^\//, 'must be an absolute path')
    .regex(/^[^\u0000]*$/u, 'must not contain NUL'), // oxlint-disable-line no-control-regex
  isolation: WorkspaceIsolation.default('shared').optional(),
});

export const CreateAgent = z
  .strictObject({
    name: Name,
    kind: AgentKind,
    mode: AgentMode.optional(),
    role: z.string().trim().max(60).optional(),
    model: z.string().max(120).optional(),
    workspace: AgentWorkspaceInput,
    instructions: z.string().max(200_000).optional(),
    /** Instead of instructions of its own: a definition, which also fills in model, tools and permission mode. */
    definition: z.string().max(200).optional(),
    capabilities: z.array(z.string().trim().min(1).max(60)).max(50).optional(),
    permissionMode: PermissionMode.optional(),
    command: z.array(NoNul).min(1).max(200).optional(),
    env: z.record(EnvName, NoNul).optional(),
    autostart: z.boolean().optional(),
    /** Null: none. */
    budget: AgentBudget.nullable().optional(),
  })
  .meta({ id: 'CreateAgent' });
export type CreateAgent = z.infer<typeof CreateAgent>;

export const UpdateAgent = CreateAgent.omit({ kind: true, mode: true })
  .partial()
  /** null leaves the definition; what it said is gone with it. */
  .extend({ definition: z.string().max(200).nullable().optional() })
  .meta({ id: 'UpdateAgent' });
export type UpdateAgent = z.infer<typeof UpdateAgent>;

/** A session of a CLI that a person started. */
export const AdoptableSession = z
  .strictObject({
    /** Process id and start time: no other process ever has the same. */
    session: z.string(),
    pid: z.number().int(),
    kind: AgentKind,
    title: z.string().optional(),
    directory: z.string(),
    /** The CLI's own id of the conversation. */
    conversation: z.string(),
    since: Timestamp,
    /** Null in the background, or in a terminal without tmux. */
    terminal: OwnTerminal.nullable(),
  })
  .meta({ id: 'AdoptableSession' });
export type AdoptableSession = z.infer<typeof AdoptableSession>;

export const AdoptSession = z
  .strictObject({
    session: z
      .string()
      .regex(/^[1-9]\d{0,9}(-\d{1,20})?$/, 'must be a session as listed by /api/adoptable, or the id of its process'),
    /** By default what the session calls itself. */
    name: Name.optional(),
    role: z.string().trim().max(60).optional(),
    capabilities: z.array(z.string().trim().min(1).max(60)).max(50).optional(),
    instructions: z.string().max(200_000).optional(),
    /** From its next restart; its present mode is its own. */
    permissionMode: PermissionMode.optional(),
  })
  .meta({ id: 'AdoptSession' });
export type AdoptSession = z.infer<typeof AdoptSession>;

export const AgentInput = z
  .union([
    z.strictObject({ text: z.string().min(1).max(65_536) }),
    z.strictObject({ keys: z.array(z.string().max(40)).min(1).max(100) }),
  ])
  .meta({ id: 'AgentInput' });

export const Evidence = z.strictObject({
  source: z.string(),
  rank: z.number().int(),
  value: z.string(),
  reason: z.string(),
  at: Timestamp,
  ageSeconds: z.number(),
  used: z.boolean(),
});

export const AgentExplanation = z
  .strictObject({
    agentId: Id,
    status: AgentStatus,
    reason: z.string(),
    evidence: z.array(Evidence),
    /** Why the evidence itself may be wrong, such as an old version of the agent's program. */
    warnings: z.array(z.string()),
  })
  .meta({ id: 'AgentExplanation' });
export type AgentExplanation = z.infer<typeof AgentExplanation>;

export const AgentScreen = z
  .strictObject({ format: z.enum(['text', 'ansi']), cols: z.number(), rows: z.number(), screen: z.string() })
  .meta({ id: 'AgentScreen' });

export const AgentMetric = z.strictObject({
  at: Timestamp,
  cpu: z.number(),
  memory: z.number(),
  tokens: z.number(),
  cost: z.number(),
});
export const AgentMetrics = z.strictObject({ agentId: Id, points: z.array(AgentMetric) }).meta({ id: 'AgentMetrics' });

/** What it used of the processor lately, oldest first, in percent of one core. */
export const AgentLoad = z.strictObject({ agentId: Id, cpu: z.array(z.number()) }).meta({ id: 'AgentLoad' });
export type AgentLoad = z.infer<typeof AgentLoad>;

export const Seat = z.strictObject({ agentId: Id, by: z.string(), since: Timestamp }).meta({ id: 'Seat' });
