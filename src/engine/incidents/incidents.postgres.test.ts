import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresStore } from '../../adapters/postgres/postgres-store.ts';
import { createMigratedDatabase, type MigratedDatabase } from '../../adapters/postgres/testing/migrated-database.ts';
import { agentRow, executionRow } from '../../adapters/postgres/testing/rows.ts';
import type { AgentStatus } from '../../contract/agents.ts';
import type { Effect } from '../../domain/settle/effects.ts';
import type { AgentRecord } from '../../ports/store/agents.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import type { IncidentRecord } from '../../ports/store/incidents.ts';
import type { Store } from '../../ports/store/store.ts';
import type { EngineContext } from '../engine-context.ts';
import { followAgentStatus } from './agent-incidents.ts';
import { resolveIncident, takeIncident } from './answer-incident.ts';
import { concernsIncidents, followOutcome } from './execution-incidents.ts';
import { lookAtQueue, lookAtRows, tellOutage } from './keep-incidents.ts';

const ADA = { name: 'ada', role: 'operator' };
const START = Date.parse('2026-03-01T10:00:00.000Z');

let database: MigratedDatabase;
let store: Store;
let context: EngineContext;
let now = START;

beforeAll(async () => {
  database = await createMigratedDatabase();
  store = createPostgresStore(database);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('TRUNCATE incidents, agents, executions, workflows, events, topics CASCADE');
  now = START;
  // Only what incidents use of it.
  context = { store, clock: { now: () => new Date(now) }, ids: { next: newId } } as unknown as EngineContext;
});

describe('an agent in trouble', () => {
  it('opens one incident that heals by itself, and ends it when it is back', async () => {
    const agent = await newAgent();
    await show(agent, 'crashed', 'its program ended with exit status 1');
    const [open] = await all();
    expect(open).toMatchObject({
      fingerprint: `agent:${agent.id}:crashed`,
      scope: 'agent',
      agentId: agent.id,
      state: 'recovery',
      class: 'agent',
      count: 1,
      detail: 'its program ended with exit status 1',
    });
    expect(open?.history.map(({ to }) => to)).toEqual(['error', 'logging', 'analysis', 'recovery']);

    await show(agent, 'starting');
    expect((await all())[0]?.closedAt).toBeUndefined();
    await show(agent, 'idle');
    expect(await all()).toEqual([expect.objectContaining({ state: 'normal', closedAt: iso(now), count: 1 })]);
  });

  it('counts on in the same incident when it crashes again soon, and opens another one much later', async () => {
    const agent = await newAgent();
    await show(agent, 'crashed');
    await show(agent, 'idle');
    now += 60_000;
    await show(agent, 'crashed');
    expect(await all()).toEqual([expect.objectContaining({ state: 'recovery', count: 2, openedAt: iso(START) })]);
    await show(agent, 'idle');
    now += 3_600_000;
    await show(agent, 'crashed');
    expect((await all()).map(({ count, state }) => [count, state])).toEqual([
      [1, 'recovery'],
      [2, 'normal'],
    ]);
  });

  it('is done without once its restarts are spent, until a person resolves that or it is back', async () => {
    const agent = await newAgent();
    await show(agent, 'crashed');
    await show(agent, 'starting');
    await show(agent, 'crashed', 'it is left alone now', 'crashed');
    const [incident] = await all();
    expect(incident).toMatchObject({ state: 'degraded', count: 2, detail: 'it is left alone now' });
    await expect(takeIncident(context, { id: incident?.id ?? '', by: ADA })).rejects.toMatchObject({
      code: 'INCIDENT_WRONG_STATE',
    });
    await resolveIncident(context, { id: incident?.id ?? '', note: 'it is not needed', by: ADA });
    expect((await all())[0]).toMatchObject({ state: 'normal', resolution: { by: 'ada', note: 'it is not needed' } });
    // A note ends it for good: what comes now is new.
    await show(agent, 'starting');
    await show(agent, 'crashed');
    expect((await all()).map(({ count }) => count)).toEqual([1, 2]);
  });

  it.each([
    ['auth_failed', 'permission', 'alert'],
    ['rate_limited', 'quota', 'recovery'],
  ] as const)('says of %s that it is a matter of %s', async (status, kind, state) => {
    const agent = await newAgent();
    await show(agent, status);
    expect(await all()).toEqual([expect.objectContaining({ class: kind, state })]);
    await show(agent, 'working');
    expect(await all()).toEqual([expect.objectContaining({ state: 'normal' })]);
  });

  it('says nothing while an agent goes to work and back', async () => {
    const agent = await newAgent();
    await show(agent, 'working');
    await show(agent, 'idle');
    await show(agent, 'stopped');
    expect(await all()).toEqual([]);
    expect(await store.events.seq('system')).toBe(0);
  });

  it('is noticed when nothing is heard of it for long, once for one silence', async () => {
    const agent = await newAgent();
    await show(agent, 'no_signal', 'its screen says nothing');
    now += 299_000;
    await lookAtRows(context);
    expect(await all()).toEqual([]);
    now += 2_000;
    await Promise.all([lookAtRows(context), lookAtRows(context)]);
    await lookAtRows(context);
    expect(await all()).toEqual([
      expect.objectContaining({ fingerprint: `agent:${agent.id}:no_signal`, state: 'alert', count: 1 }),
    ]);
    await show(agent, 'idle');
    expect((await all())[0]).toMatchObject({ state: 'normal' });
  });

  it('is over when the agent is removed', async () => {
    const agent = await newAgent();
    await show(agent, 'auth_failed');
    await store.agents.remove(agent.id);
    await lookAtRows(context);
    expect((await all())[0]).toMatchObject({ state: 'normal', closedAt: iso(now) });
    expect((await all())[0]?.history.at(-1)?.reason).toBe('the agent was removed');
  });
});

describe('an execution in trouble', () => {
  const FAILED: Effect = {
    type: 'finish',
    status: 'failed',
    error: { code: 'NON_ZERO_EXIT', message: 'exit status 2', nodeId: 'build' },
  };

  it('opens one incident per workflow, node and error, however many executions fail at once', async () => {
    const workflowId = await newWorkflow();
    const failures = await Promise.all(Array.from({ length: 8 }, () => newExecution({ workflowId })));
    await Promise.all(failures.map((execution) => decided(execution, [FAILED])));
    expect(await all()).toEqual([
      expect.objectContaining({
        fingerprint: `step:${workflowId}:build:NON_ZERO_EXIT`,
        scope: 'step',
        nodeId: 'build',
        workflowId,
        state: 'alert',
        class: 'bug',
        count: 8,
      }),
    ]);
    // One announcement of its opening; that it happened again changes no state.
    expect(await store.events.seq('system')).toBe(1);
  });

  it('writes nothing when the commit that would have caused it fails', async () => {
    const execution = await newExecution();
    await expect(
      store.transaction(async (transaction) => {
        await followOutcome(context, transaction, { execution, effects: [FAILED], steps: [] });
        throw new Error('another worker has the lease');
      }),
    ).rejects.toThrow('another worker');
    expect(await all()).toEqual([]);
  });

  it('is not concerned by what succeeds, nor by what a person or the parent decides', async () => {
    const execution = await newExecution();
    const start: Effect = { type: 'finish', status: 'succeeded', outputs: {} };
    expect(concernsIncidents(execution, [start])).toBe(false);
    const rejected: Effect = {
      type: 'finish',
      status: 'failed',
      error: { code: 'APPROVAL_REJECTED', message: 'No.', nodeId: 'ask' },
    };
    await decided(execution, [rejected]);
    const parent = { executionId: randomUUID(), stepId: randomUUID(), effectKey: 'k' };
    await decided({ ...execution, parent }, [FAILED]);
    expect(await all()).toEqual([]);
  });

  it('asks about a step of unknown outcome, and ends with the execution that goes on after all', async () => {
    const execution = await newExecution();
    const error = { code: 'OUTCOME_UNKNOWN', message: 'no trace of an end', nodeId: 'deploy' };
    await decided(execution, [{ type: 'open_failure', key: 'deploy:1:-:1', stepId: randomUUID(), error }]);
    expect(await all()).toEqual([expect.objectContaining({ state: 'alert', scope: 'step', nodeId: 'deploy' })]);
    await lookAtRows(context);
    expect((await all())[0]?.closedAt).toBeUndefined();
    await database.pool.query(`UPDATE executions SET status = 'succeeded', completed_at = now() WHERE id = $1`, [
      execution.id,
    ]);
    await Promise.all([lookAtRows(context), lookAtRows(context)]);
    const [closed] = await all();
    expect(closed).toMatchObject({ state: 'normal' });
    expect(closed?.history.slice(-3).map(({ to }) => to)).toEqual(['investigation', 'fix', 'normal']);
  });

  it('ends in the commit of a retry that succeeds', async () => {
    const execution = await newExecution();
    await decided(execution, [FAILED]);
    const retry = await newExecution({ origin: { kind: 'retry', executionId: execution.id } });
    await decided(retry, [{ type: 'finish', status: 'succeeded', outputs: {} }]);
    expect((await all())[0]?.history.at(-1)).toMatchObject({
      to: 'normal',
      by: 'pointsman',
      reason: `execution ${retry.id}, which goes on from it, succeeded`,
    });
  });

  it('ends when a later execution of the same workflow succeeds, not when one of another does', async () => {
    const workflowId = await newWorkflow();
    await decided(await newExecution({ workflowId }), [FAILED]);
    const later = { status: 'succeeded' as const, createdAt: iso(now + 1_000), finishedAt: iso(now + 2_000) };
    await newExecution({ workflowId: await newWorkflow(), ...later });
    await lookAtRows(context);
    expect((await all())[0]?.closedAt).toBeUndefined();
    const { id } = await newExecution({ workflowId, ...later });
    await lookAtRows(context);
    expect((await all())[0]?.history.at(-1)?.reason).toBe(`execution ${id} of the same workflow succeeded`);
  });
});

describe('people and an incident', () => {
  it('take it once, resolve it with a note, and are written down', async () => {
    const agent = await newAgent();
    await show(agent, 'auth_failed');
    const id = (await all())[0]?.id ?? '';
    await expect(resolveIncident(context, { id, note: 'x', by: ADA })).rejects.toMatchObject({
      code: 'INCIDENT_WRONG_STATE',
    });
    const both = await Promise.allSettled([
      takeIncident(context, { id, by: ADA }),
      takeIncident(context, { id, by: { name: 'bob', role: 'operator' } }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const { takenBy } = (await all())[0] ?? {};
    await resolveIncident(context, { id, note: 'signed in again', by: ADA });
    expect((await all())[0]).toMatchObject({ state: 'normal', takenBy, resolution: { note: 'signed in again' } });
    await expect(resolveIncident(context, { id, note: 'again', by: ADA })).rejects.toMatchObject({
      code: 'INCIDENT_WRONG_STATE',
    });
    const audits = await store.identity.audits({ subject: id }, { limit: 10, order: 'newest' });
    expect(audits.map(({ action, actor }) => [action, actor])).toEqual([
      ['incident.resolve', 'ada'],
      ['incident.take', takenBy],
    ]);
  });
});

describe('a part of the system that was away', () => {
  it('is told once it is back, once by all the servers that noticed', async () => {
    const since = iso(now);
    now += 12_000;
    const told = { since, detail: 'The database does not answer.' };
    await Promise.all([tellOutage(context, told), tellOutage(context, told), tellOutage(context, told)]);
    expect(await all()).toEqual([
      expect.objectContaining({
        fingerprint: 'system:database',
        class: 'transient',
        state: 'normal',
        count: 1,
        detail: expect.stringContaining('about 12 s'),
      }),
    ]);
  });

  it('is done without when Redis does not come back at once, until it answers again', async () => {
    const away = () => Promise.reject(new Error('connect ECONNREFUSED'));
    await Promise.all([lookAtQueue(context, away), lookAtQueue(context, away)]);
    expect(await all()).toEqual([expect.objectContaining({ state: 'recovery', count: 1 })]);
    now += 5_000;
    await lookAtQueue(context, away);
    expect(await all()).toEqual([expect.objectContaining({ state: 'degraded', count: 1, class: 'transient' })]);
    await lookAtQueue(context, async () => undefined);
    expect((await all())[0]).toMatchObject({ state: 'normal' });
    await lookAtQueue(context, async () => undefined);
    expect(await all()).toHaveLength(1);
  });
});

async function newAgent(): Promise<AgentRecord> {
  const agent = agentRow({ status: 'idle' });
  await store.agents.insert(agent);
  return agent;
}

/** As the supervisor shows a status: the row and what it means, in one commit. */
async function show(
  { id }: AgentRecord,
  status: AgentStatus,
  reason = 'so it is',
  leftAlone: 'crashed' | 'not_started' | null = null,
): Promise<void> {
  await store.transaction(async (transaction) => {
    const before = (await transaction.agents.get(id)) ?? expect.fail('no such agent');
    const changes = { status, statusReason: reason, statusSince: iso(now) };
    const after = (await transaction.agents.update(id, changes)) ?? expect.fail('no such agent');
    await followAgentStatus(context, transaction, { before, after, leftAlone });
  });
}

async function newWorkflow(): Promise<string> {
  const id = newId();
  await database.pool.query(
    `INSERT INTO workflows (id, name, metadata, version, created_by) VALUES ($1, 'saved', '{}', 1, 'test')`,
    [id],
  );
  return id;
}

async function newExecution(changes: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
  const execution = executionRow({ createdAt: iso(now), ...changes });
  await store.executions.insert(execution);
  if (execution.finishedAt)
    await database.pool.query('UPDATE executions SET completed_at = $2 WHERE id = $1', [
      execution.id,
      execution.finishedAt,
    ]);
  return execution;
}

function decided(execution: ExecutionRecord, effects: Effect[]): Promise<void> {
  return store.transaction((transaction) => followOutcome(context, transaction, { execution, effects, steps: [] }));
}

function all(): Promise<IncidentRecord[]> {
  return store.incidents.list({}, { limit: 20 });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Each sorts after the one before, as those of the product do. */
function newId(): string {
  made += 1;
  return `${String(made).padStart(8, '0')}-0000-7000-8000-${randomUUID().slice(-12)}`;
}
let made = 0;
