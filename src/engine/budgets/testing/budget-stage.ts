/** What the tests of budgets share: real rows, a clock that is moved by hand, and an engine in which no agent runs. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { NOTICE_CHANNEL } from '../../../adapters/postgres/notices.ts';
import { createPostgresStore } from '../../../adapters/postgres/postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../../../adapters/postgres/testing/migrated-database.ts';
import { agentRow, executionRow } from '../../../adapters/postgres/testing/rows.ts';
import type { AgentBudget } from '../../../contract/budgets.ts';
import type { InboxItem } from '../../../contract/inbox.ts';
import { NO_USAGE } from '../../../contract/tasks.ts';
import type { AgentRecord, TaskRecord } from '../../../ports/store/agents.ts';
import type { ExecutionRecord } from '../../../ports/store/executions.ts';
import type { Store } from '../../../ports/store/store.ts';
import { recordUsage } from '../../agents/record-usage.ts';
import type { EffectContext } from '../../effects/effect-runner.ts';
import { Mailroom } from '../../mailroom.ts';
import { resolveInboxItem } from '../../resolve-inbox-item.ts';
import { startDayAnew } from '../day-budget.ts';

export const BY = { name: 'ada', role: 'operator' };

interface Stage {
  database: MigratedDatabase;
  store: Store;
  /** Moved by the tests. */
  now: string;
  /** Executions that a worker was woken for. */
  woken: string[];
  context: EffectContext;
}

export const stage = {} as Stage; // filled in by `onStage` before a test begins

/** Gives each test of a file empty rows and a morning in March. */
export function onStage(): void {
  beforeAll(async () => {
    stage.database = await createMigratedDatabase();
    stage.store = createPostgresStore(stage.database);
  });
  afterAll(() => stage.database.drop());
  beforeEach(async () => {
    await stage.database.pool.query('TRUNCATE agents, executions, inbox_items, usage_days, budget_days CASCADE');
    stage.now = '2026-03-01T10:00:00.000Z';
    stage.woken = [];
    stage.context = engineWith(null);
  });
}

export function engineWith(budgetPerDay: EffectContext['budgetPerDay']): EffectContext {
  const silent = () => undefined;
  const base = {
    store: stage.store,
    bus: { publish: async () => undefined, subscribe: () => silent, close: async () => undefined },
    queue: {
      enqueue: async ({ key }: { key: string }) => void stage.woken.push(key),
      work: async () => ({ stop: async () => undefined }),
      close: async () => undefined,
    },
    clock: { now: () => new Date(stage.now), sleep: async () => 'elapsed' as const },
    ids: { next: newId },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    workspaces: {} as EffectContext['workspaces'], // no task of this file has a worktree
    directoryExists: async () => true,
    secrets: {} as EffectContext['secrets'], // no agent of this file is launched
    budgetPerDay,
    hostId: 'host-1',
    owner: 'host-1:1',
  };
  return { ...base, mailroom: new Mailroom(base) };
}

export async function newAgent(
  budget: AgentBudget | null = null,
  kind: AgentRecord['kind'] = 'claude',
): Promise<AgentRecord> {
  const row = agentRow({ budget, kind });
  await stage.store.agents.insert(row);
  return row;
}

export async function newTask(agent: AgentRecord, changes: Partial<TaskRecord> = {}): Promise<TaskRecord> {
  const task: TaskRecord = {
    id: newId(),
    agentId: agent.id,
    prompt: 'hello',
    status: 'queued',
    receipts: { acceptedAt: stage.now, typedAt: null, submittedAt: null, turnStartedAt: null, finishedAt: null },
    usage: NO_USAGE,
    createdAt: stage.now,
    effectKey: null,
    outputSchema: null,
    timeoutMs: null,
    stopping: null,
    completion: null,
    repair: null,
    delegation: null,
    session: 'reuse',
    workspace: null,
    createdBy: 'test',
    ...changes,
  };
  await stage.store.tasks.insert(task);
  return task;
}

/** Each sorts after the one before, as those of the product do. */
function newId(): string {
  made += 1;
  return `${String(made).padStart(8, '0')}-0000-7000-8000-${randomUUID().slice(-12)}`;
}
let made = 0;

export async function stepOf({
  limits,
  ...changes
}: Partial<ExecutionRecord> & { limits?: NonNullable<ExecutionRecord['budget']>['limits'] }): Promise<{
  agent: AgentRecord;
  task: TaskRecord;
  execution: ExecutionRecord;
}> {
  if (changes.workflowId) await stage.database.pool.query(WORKFLOW, [changes.workflowId]);
  const execution = executionRow({ budget: limits ? { version: 1, limits, itemId: null } : null, ...changes });
  await stage.store.executions.insert(execution);
  const agent = await newAgent();
  return { execution, agent, task: await newTask(agent, { executionId: execution.id }) };
}
const WORKFLOW = `INSERT INTO workflows (id, name, metadata, version, created_by) VALUES ($1, 'saved', '{}', 1, 'test')`;

export async function spend(
  agent: AgentRecord,
  told: { task?: TaskRecord; conversation?: string; inputTokens?: number; outputTokens?: number; cost?: number },
): Promise<void> {
  const { task, conversation = 'one', inputTokens = 0, outputTokens = 0, cost = 0 } = told;
  await recordUsage(stage.context, {
    agentId: agent.id,
    taskId: task?.id ?? null,
    currentTask: task?.id ?? null,
    conversation,
    total: { inputTokens, outputTokens, cost },
  });
}

export async function setBudget(agent: AgentRecord, budget: AgentBudget | null): Promise<void> {
  await stage.store.transaction(async (transaction) => {
    const changed = await transaction.agents.update(agent.id, { budget });
    await startDayAnew(stage.context, transaction, changed ?? expect.fail());
  });
}

/** What was announced to other processes, as `channel key`. */
export async function noticesDuring(work: () => Promise<unknown>): Promise<string[]> {
  const heard: string[] = [];
  const ended = Promise.withResolvers<void>();
  const listener = await stage.database.pool.connect();
  try {
    listener.on('notification', ({ payload }) => {
      if (payload === 'over') ended.resolve();
      else heard.push(payload ?? '');
    });
    await listener.query(`LISTEN ${NOTICE_CHANNEL}`);
    await work();
    await stage.database.pool.query(`SELECT pg_notify('${NOTICE_CHANNEL}', 'over')`);
    await ended.promise;
  } finally {
    listener.release(true);
  }
  return heard;
}

export async function openItems(): Promise<InboxItem[]> {
  return stage.store.inbox.list({ state: 'open' }, { limit: 10 });
}

export async function resolve(decision: 'raise' | 'stop', form?: unknown, item?: InboxItem): Promise<InboxItem> {
  const { id, hash } = item ?? (await openItems()).at(-1) ?? expect.fail('nothing is asked');
  const agents = { restart: async () => undefined, answer: async () => ({ outcome: 'answered' as const }) };
  return resolveInboxItem({ ...stage.context, agents }, { id, answer: { decision, hash, form }, by: BY });
}

export async function report(by: 'day' | 'agent' | 'workflow') {
  return stage.store.usage.report({ from: '2026-03-01', to: '2026-03-31', by });
}

export async function mailOf(id: string): Promise<unknown[]> {
  return (await stage.store.executions.mail(id, 10)).map(({ event }) => event);
}
