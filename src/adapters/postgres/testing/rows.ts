/** Rows that are complete enough to be stored. */
import { randomUUID } from 'node:crypto';
import type { AgentRecord } from '../../../ports/store/agents.ts';
import type { ExecutionRecord, Lease, Superstep } from '../../../ports/store/executions.ts';

const usage = { inputTokens: 0, outputTokens: 0, cost: 0 } as unknown as ExecutionRecord['usage'];

export function executionRow(changes: Partial<ExecutionRecord> = {}): ExecutionRecord {
  return {
    id: randomUUID(),
    workflowId: null,
    version: 1,
    name: 'test',
    document: {},
    status: 'running',
    inputs: {},
    origin: null,
    parent: null,
    depth: 0,
    trigger: null,
    chain: 0,
    inLine: false,
    outputs: null,
    error: null,
    usage,
    budget: null,
    pausedAt: null,
    pausedMs: 0,
    createdBy: 'test',
    createdAt: new Date().toISOString(),
    startedAt: null,
    finishedAt: null,
    ...changes,
  };
}

export function superstep(lease: Lease, changes: Partial<Superstep> = {}): Superstep {
  return {
    lease,
    execution: { status: 'running' },
    steps: [],
    takenMail: [],
    endedEffects: [],
    newEffects: [],
    cancelEffects: [],
    setTimers: [],
    clearTimers: [],
    checkpoints: [],
    ...changes,
  };
}

export function agentRow(changes: Partial<AgentRecord> = {}): AgentRecord {
  const now = new Date().toISOString();
  return {
    id: randomUUID(),
    name: `agent-${randomUUID()}`,
    kind: 'shell',
    mode: 'tmux',
    role: 'tester',
    model: null,
    usageMarks: {},
    budget: null,
    held: null,
    status: 'idle' as AgentRecord['status'],
    statusReason: '',
    statusSource: 'test',
    statusSince: now,
    desired: 'running',
    workspace: { path: '/', isolation: 'shared' },
    capabilities: [],
    instructions: null,
    definition: null,
    permissionMode: null,
    command: null,
    env: {},
    autostart: false,
    hostId: 'host-1',
    session: null,
    restarts: [],
    seat: null,
    cpu: 0,
    memory: 0,
    tokens: 0,
    cost: 0,
    lastActivity: null,
    createdAt: now,
    ...changes,
  };
}
