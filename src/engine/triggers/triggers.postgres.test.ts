/** Triggers on real rows: what they start, once whoever looks and however often, and where they go on after a stop. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../adapters/postgres/database.ts';
import { createPostgresStore } from '../../adapters/postgres/postgres-store.ts';
import { executionRow, superstep } from '../../adapters/postgres/testing/rows.ts';
import type { WorkflowTrigger } from '../../contract/workflow-document.ts';
import type { ExecutionRecord, ExecutionSummary } from '../../ports/store/executions.ts';
import { executionView } from '../../ports/store/executions.ts';
import type { Store } from '../../ports/store/store.ts';
import type { TriggerRecord } from '../../ports/store/triggers.ts';
import { agentView } from '../agents/agent-view.ts';
import { engineWith, newAgent, onStage, stage } from '../budgets/testing/budget-stage.ts';
import { checkDocument, createWorkflow, updateWorkflow } from '../save-workflow.ts';
import { agentTrigger } from './agent-trigger.ts';
import { cronTrigger } from './cron-trigger.ts';
import { MOST_CHAINED } from './fire-trigger.ts';
import { lookAtTriggers } from './look-at-triggers.ts';
import { receiveWebhook } from './receive-webhook.ts';
import { rotateTriggerSecret } from './rotate-trigger-secret.ts';
import { switchTrigger } from './switch-trigger.ts';
import { syncTriggers, syncUnknown } from './sync-triggers.ts';
import { workflowTrigger } from './workflow-trigger.ts';

onStage();

const BY = { name: 'ada', role: 'admin' };
const never = () => Promise.reject(new Error('no trigger of this file watches files'));

let other: Store;
let closeOther: () => Promise<void>;
beforeAll(() => {
  const connection = connect(stage.database.connection);
  other = createPostgresStore(connection);
  closeOther = () => connection.pool.end();
});
afterAll(() => closeOther());
beforeEach(() => stage.database.pool.query('TRUNCATE workflows, topics, events CASCADE'));

describe('a cron', () => {
  test('starts one execution for each moment, however many replicas look at once', async () => {
    const { id } = await save([{ cron: '0 * * * *', inputs: { moment: '{{ event.moment }}' } }]);
    const moments: string[] = [];
    for (let hour = 11; hour < 23; hour++) {
      stage.now = `2026-03-01T${hour}:00:00.500Z`;
      moments.push(`2026-03-01T${hour}:00:00.000Z`);
      await Promise.all([look(), look(other), look(), look(other)]);
    }
    expect((await startedOf(id)).map(({ inputs }) => inputs['moment'])).toEqual(moments);
    expect(await only(id)).toMatchObject({
      nextAt: '2026-03-01T23:00:00.000Z',
      lastOutcome: 'started',
      lastError: null,
      lastExecutionId: (await startedOf(id)).at(-1)?.id,
    });
  });

  test.each([
    ['skip', []],
    ['once', ['14']],
    ['all', ['11', '12', '13', '14']],
  ] as const)('that was missed is caught up by %s', async (catchUp, hours) => {
    const { id } = await save([{ cron: '0 * * * *', catchUp, inputs: { moment: '{{ event.moment }}' } }]);
    stage.now = '2026-03-01T14:30:00.000Z';
    while ((await look()) === 'again');
    expect((await startedOf(id)).map(({ inputs }) => inputs['moment'])).toEqual(
      hours.map((hour) => `2026-03-01T${hour}:00:00.000Z`),
    );
    expect((await only(id)).nextAt).toBe('2026-03-01T15:00:00.000Z');
  });

  test('whose workflow cannot be started goes on and says why', async () => {
    const { id } = await save([{ cron: '0 * * * *', inputs: { moment: '{{ event.none }}' } }]);
    stage.now = '2026-03-01T11:00:00.000Z';
    await look();
    expect(await startedOf(id)).toEqual([]);
    expect(await only(id)).toMatchObject({
      nextAt: '2026-03-01T12:00:00.000Z',
      lastOutcome: 'failed',
      lastError: { code: 'TRIGGER_INPUTS_FAILED', message: expect.stringContaining('none') },
    });
  });

  test('that is disabled starts nothing, and nothing later of what came meanwhile', async () => {
    const { id } = await save([{ cron: '0 * * * *', catchUp: 'all' }]);
    const { id: triggerId } = await only(id);
    await switchTrigger(stage.context, { id: triggerId, enabled: false, by: BY });
    stage.now = '2026-03-01T14:30:00.000Z';
    await look();
    await switchTrigger(stage.context, { id: triggerId, enabled: true, by: BY });
    await look();
    expect(await startedOf(id)).toEqual([]);
    expect((await only(id)).nextAt).toBe('2026-03-01T15:00:00.000Z');
    const audit = await stage.database.pool.query(
      `SELECT actor, action FROM audit WHERE subject = '${triggerId}' ORDER BY seq`,
    );
    expect(audit.rows).toEqual([
      { actor: 'ada', action: 'trigger.disable' },
      { actor: 'ada', action: 'trigger.enable' },
    ]);
  });
});

describe('the triggers of a workflow', () => {
  test('are those of its live version; one that stays keeps id, secret and place', async () => {
    const saved = await save([{ webhook: 'push' }, { cron: '0 * * * *' }]);
    const [hook, cron] = await stage.store.triggers.of(saved.id);
    await rotateTriggerSecret(stage.context, { id: hook?.id ?? '', by: BY });
    stage.now = '2026-03-01T10:30:00.000Z';
    await update(saved.id, [
      { cron: '0 * * * *', catchUp: 'all' },
      { webhook: 'push', inputs: {} },
      { webhook: 'new' },
    ]);
    const [first, second, third, ...more] = await stage.store.triggers.of(saved.id);
    expect(more).toEqual([]);
    expect(first).toEqual({ ...cron, position: 0, config: { cron: '0 * * * *', catchUp: 'all' } });
    expect(second).toMatchObject({ id: hook?.id, position: 1, config: { webhook: 'push', inputs: {} } });
    expect(second?.secret).not.toBeNull();
    expect(third).toMatchObject({ kind: 'webhook', secret: null });
    await update(saved.id, [{ cron: '0 * * * *' }]);
    expect((await stage.store.triggers.of(saved.id)).map(({ id }) => id)).toEqual([cron?.id]);
    await stage.store.transaction((transaction) =>
      syncTriggers(stage.context, transaction, { workflowId: saved.id, triggers: undefined }),
    );
    expect(await stage.store.triggers.of(saved.id)).toEqual([]);
  });

  test('come back with an older version as those they were, and notice what comes from then on', async () => {
    const { id } = await save([{ webhook: 'push' }, { cron: '0 * * * *' }]);
    const [hook = expect.fail(), cron = expect.fail()] = await stage.store.triggers.of(id);
    const { secret } = await rotateTriggerSecret(stage.context, { id: hook.id, by: BY });
    const body = Buffer.from('{}');
    const code = createHmac('sha256', secret).update('{}').digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${code}` };
    const call = () => receiveWebhook(stage.context, { triggerId: hook.id, headers, query: {}, body });
    expect(await call()).toMatchObject({ outcome: 'started' });
    await update(id, []);
    expect(await stage.store.triggers.of(id)).toEqual([]);
    expect(await stage.store.triggers.list({}, { limit: 10 })).toEqual([]);
    expect(await stage.store.triggers.get(hook.id)).toBeNull();
    expect(await stage.store.triggers.nextMoment(null)).toBeNull();
    stage.now = '2026-03-01T12:30:00.000Z';
    await look();
    expect(await startedOf(id)).toHaveLength(1);
    await expect(rotateTriggerSecret(stage.context, { id: hook.id, by: BY })).rejects.toMatchObject({
      code: 'TRIGGER_NOT_FOUND',
    });

    await update(id, [{ cron: '0 * * * *' }, { webhook: 'push' }]);
    const [later, again] = await stage.store.triggers.of(id);
    expect(later).toMatchObject({ id: cron.id, position: 0, nextAt: '2026-03-01T13:00:00.000Z' });
    expect(again).toMatchObject({ id: hook.id, position: 1 });
    expect(again?.secret).toBe(secret);
    await expect(call(), 'a call that was taken before').rejects.toMatchObject({ code: 'WEBHOOK_REFUSED' });
    stage.now = '2026-03-01T13:00:00.000Z';
    await look();
    expect(await startedOf(id)).toHaveLength(2);
  });

  test('of a draft do not count', async () => {
    const { id } = await save([{ cron: '0 * * * *' }]);
    await updateWorkflow(stage.context, {
      id,
      expected: null,
      source: { name: 'W', nodes: [], triggers: [{ cron: '1 * * * *' }] },
      draft: true,
      by: BY,
      allow: () => undefined,
    });
    expect((await only(id)).config).toEqual({ cron: '0 * * * *' });
  });

  test('that was saved before triggers were kept are found', async () => {
    const { id } = await save([{ cron: '0 * * * *' }]);
    await stage.database.pool.query('DELETE FROM triggers');
    await Promise.all([syncUnknown(stage.context), syncUnknown({ ...stage.context, store: other })]);
    expect((await only(id)).nextAt).toBe('2026-03-01T11:00:00.000Z');
  });
});

describe('the end of another workflow', () => {
  test('starts one execution, however many replicas look, and only by the outcome it is for', async () => {
    const watched = await save([], { name: 'Watched' });
    const { id } = await save([
      { workflow: 'Watched', inputs: { moment: '{{ event.execution.outputs.n }}' } },
      { workflow: watched.id, on: 'failed' },
    ]);
    for (const [status, n] of [
      ['succeeded', 1],
      ['failed', 2],
      ['succeeded', 3],
    ] as const) {
      await end(watched.id, { status, outputs: { n } });
      await Promise.all([look(), look(other)]);
      while ((await look()) === 'again');
    }
    expect((await startedOf(id)).map(({ inputs, chain }) => [inputs['moment'] ?? 'failed', chain])).toEqual([
      [1, 1],
      ['failed', 1],
      [3, 1],
    ]);
  });

  test('that was not looked at for a day says so and goes on', async () => {
    const watched = await save([], { name: 'Watched' });
    const { id } = await save([{ workflow: 'Watched' }]);
    await end(watched.id, { status: 'succeeded' });
    await stage.database.pool.query('DELETE FROM events');
    while ((await look()) === 'again');
    expect((await only(id)).lastError?.code).toBe('TRIGGER_EVENTS_MISSED');
    await end(watched.id, { status: 'succeeded' });
    while ((await look()) === 'again');
    expect(await startedOf(id)).toHaveLength(1);
  });

  test('of workflows in a circle comes to an end', async () => {
    const { id } = await save([{ workflow: 'Circle' }], { name: 'Circle' });
    await end(id, { status: 'succeeded', chain: MOST_CHAINED - 1 });
    while ((await look()) === 'again');
    const [last] = await startedOf(id);
    expect(last?.chain).toBe(MOST_CHAINED);
    await finish(last?.id ?? '');
    while ((await look()) === 'again');
    expect(await startedOf(id)).toHaveLength(1);
    expect((await only(id)).lastError?.code).toBe('TRIGGER_CHAIN_TOO_LONG');
  });
});

describe('the status of an agent', () => {
  test('starts an execution when it comes to it, not while it stays in it', async () => {
    const agent = await newAgent();
    const { id } = await save([
      { agent: agent.name, status: ['blocked', 'crashed'], inputs: { moment: '{{ event.agent.status }}' } },
    ]);
    for (const status of ['blocked', 'blocked', 'working', 'crashed', 'blocked'] as const)
      await stage.store.transaction(async (transaction) => {
        transaction.publish({ topic: 'agents', event: 'agent.changed', data: agentView({ ...agent, status }) });
      });
    await Promise.all([look(), look(other)]);
    while ((await look()) === 'again');
    expect((await startedOf(id)).map(({ inputs }) => inputs['moment'])).toEqual(['blocked', 'crashed', 'blocked']);
  });
});

describe('a webhook', () => {
  const body = '{"ref":"main", "n": 1}';

  test('is taken once, whoever gets the copies', async () => {
    const { id, triggerId, secret } = await hook();
    const call = signed(triggerId, secret, body);
    const answers = await Promise.allSettled([
      receiveWebhook(stage.context, call),
      receiveWebhook({ ...stage.context, store: other }, call),
      receiveWebhook(stage.context, call),
    ]);
    expect(answers.map((answer) => answer.status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'WEBHOOK_REFUSED' });
    expect((await startedOf(id)).map(({ inputs }) => inputs['moment'])).toEqual(['main']);
    await expect(receiveWebhook(stage.context, call)).rejects.toMatchObject({ code: 'WEBHOOK_REFUSED' });
  });

  test('a message that is sent again under its id is told what became of it', async () => {
    const { id, triggerId, secret } = await hook();
    const first = await receiveWebhook(stage.context, standard(triggerId, secret, 'msg_1', body));
    stage.now = '2026-03-01T12:00:00.000Z';
    expect(await receiveWebhook(stage.context, standard(triggerId, secret, 'msg_1', body))).toEqual(first);
    expect(await startedOf(id)).toHaveLength(1);
    await receiveWebhook(stage.context, standard(triggerId, secret, 'msg_2', body));
    expect(await startedOf(id)).toHaveLength(2);
  });

  test('what could not be started may be sent again', async () => {
    const { id, triggerId, secret } = await hook();
    const call = signed(triggerId, secret, '{"other":1}');
    await expect(receiveWebhook(stage.context, call)).rejects.toMatchObject({ code: 'TRIGGER_INPUTS_FAILED' });
    await update(id, [{ webhook: 'push', inputs: { moment: '{{ event.body.other }}' } }]);
    await receiveWebhook(stage.context, call);
    expect((await startedOf(id)).map(({ inputs }) => inputs['moment'])).toEqual([1]);
  });

  test('with a new secret refuses what was signed with the one before', async () => {
    const { triggerId, secret } = await hook();
    const { secret: newer } = await rotateTriggerSecret(stage.context, { id: triggerId, by: BY });
    await expect(receiveWebhook(stage.context, signed(triggerId, secret, body))).rejects.toMatchObject({
      code: 'WEBHOOK_REFUSED',
    });
    expect(await receiveWebhook(stage.context, signed(triggerId, newer, body))).toMatchObject({ outcome: 'started' });
  });

  async function hook() {
    const { id } = await save([{ webhook: 'push', inputs: { moment: '{{ event.body.ref }}' } }]);
    const { id: triggerId } = await only(id);
    const { secret } = await rotateTriggerSecret(stage.context, { id: triggerId, by: BY });
    return { id, triggerId, secret };
  }

  function signed(triggerId: string, secret: string, text: string) {
    const t = Math.floor(Date.parse(stage.now) / 1000);
    const code = createHmac('sha256', secret).update(`${t}.${text}`).digest('hex');
    return call(triggerId, text, { 'pointsman-signature': `t=${t},v1=${code}` });
  }

  function standard(triggerId: string, secret: string, messageId: string, text: string) {
    const t = Math.floor(Date.parse(stage.now) / 1000);
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const code = createHmac('sha256', key).update(`${messageId}.${t}.${text}`).digest('base64');
    return call(triggerId, text, {
      'webhook-id': messageId,
      'webhook-timestamp': String(t),
      'webhook-signature': `v1,${code}`,
    });
  }

  function call(triggerId: string, text: string, headers: Record<string, string>) {
    return {
      triggerId,
      headers: { 'content-type': 'application/json', ...headers },
      query: {},
      body: Buffer.from(text),
    };
  }
});

test('one that listens to nobody is told when it is saved, also where no node names anybody', async () => {
  const source = {
    ...DOCUMENT,
    triggers: [{ agent: 'nobody_here', status: 'blocked' }, { workflow: 'No such workflow' }],
  };
  expect((await checkDocument(stage.context, source)).problems).toMatchObject([
    { path: '/triggers/0/agent' },
    { path: '/triggers/1/workflow' },
  ]);
});

async function look(store = stage.store): Promise<string> {
  const context = { ...stage.context, store };
  const kinds = {
    cron: cronTrigger(context),
    workflow: workflowTrigger(context),
    agent: agentTrigger(context),
    file: never,
    git: never,
  };
  return lookAtTriggers(context, { kinds, hostId: null });
}

const DOCUMENT = {
  name: 'W',
  inputs: { moment: { default: null } },
  nodes: [{ id: 'a', type: 'transform', config: { value: '1' } }],
};

function save(triggers: WorkflowTrigger[], more: object = {}) {
  stage.context = engineWith(null);
  const seal = { seal: (_: string, value: string) => value, unseal: (_: string, sealed: string) => sealed };
  stage.context = { ...stage.context, secrets: seal as unknown as typeof stage.context.secrets }; // a webhook needs no more
  return createWorkflow(stage.context, {
    source: { ...DOCUMENT, ...more, triggers },
    draft: false,
    by: BY,
    allow: () => undefined,
  });
}

function update(id: string, triggers: WorkflowTrigger[]) {
  const source = { ...DOCUMENT, triggers };
  return updateWorkflow(stage.context, { id, expected: null, source, draft: false, by: BY, allow: () => undefined });
}

async function only(workflowId: string): Promise<TriggerRecord> {
  const [trigger, ...more] = await stage.store.triggers.of(workflowId);
  expect(more).toEqual([]);
  return trigger ?? expect.fail('it has a trigger');
}

/** Those that triggers have started, oldest first. */
async function startedOf(workflowId: string): Promise<ExecutionSummary[]> {
  const all = await stage.store.executions.list({ workflowId }, { limit: 200 });
  return all.filter(({ trigger }) => trigger !== null).toReversed();
}

/** An execution of the workflow that ends now. */
async function end(workflowId: string, changes: Partial<ExecutionRecord>): Promise<void> {
  const name = (await stage.store.workflows.get(workflowId))?.name ?? '';
  const record = executionRow({ workflowId, name, ...changes, status: 'running' });
  await stage.store.executions.insert(record);
  await finish(record.id, changes);
}

async function finish(id: string, changes: Partial<ExecutionRecord> = {}): Promise<void> {
  const { store } = stage;
  const record = (await store.executions.get(id)) ?? expect.fail('it exists');
  const lease = (await store.executions.claim(id, 'host-1:1', 60_000)) ?? expect.fail('it is free');
  const after = { ...record, status: 'succeeded' as const, finishedAt: stage.now, ...changes };
  const { status, outputs, finishedAt } = after;
  await store.executions.commit(
    superstep(lease, { execution: { status, outputs, finishedAt: finishedAt ?? stage.now } }),
    {
      events: [{ topic: 'executions', event: 'execution.changed', data: executionView(after, []) }],
      notices: [],
    },
  );
}
