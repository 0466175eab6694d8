/** What the tests of workflow steps share: saved workflows, intents to start one, and who carries them out. */
import { beforeEach, expect } from 'vitest';
import { executionRow, superstep } from '../../../adapters/postgres/testing/rows.ts';
import type { WorkflowDocument } from '../../../contract/workflow-document.ts';
import type { EffectRecord, ExecutionRecord } from '../../../ports/store/executions.ts';
import { onStage, stage } from '../../budgets/testing/budget-stage.ts';
import { workflowEffect } from '../../effects/workflow-effect.ts';
import { createWorkflow } from '../../save-workflow.ts';

export const KEY = 'sub:1:-:1';
export const STEP = '00000000-0000-7000-8000-0000000000aa';

export function onStageWithWorkflows(): void {
  onStage();
  beforeEach(() => stage.database.pool.query('TRUNCATE workflows CASCADE'));
}

export async function save(changes: Partial<WorkflowDocument>, draft = false) {
  const source = { nodes: [{ id: 'one', type: 'transform', config: { value: '1' } }], ...changes };
  return createWorkflow(stage.context, {
    source,
    draft,
    by: { name: 'ada', role: 'operator' },
    allow: () => undefined,
  });
}

export async function insert(changes: Partial<ExecutionRecord> = {}): Promise<ExecutionRecord> {
  const record = executionRow({ id: stage.context.ids.next(), ...changes });
  await stage.store.executions.insert(record);
  return record;
}

export async function intent(config: object, changes: Partial<ExecutionRecord> = {}, timeoutMs?: number) {
  const parent = await insert(changes);
  const lease = (await stage.store.executions.claim(parent.id, 'test', 60_000)) ?? expect.fail();
  const payload = { step: { id: STEP }, config, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const newEffects = [{ key: KEY, kind: 'workflow', payload }];
  await stage.store.transaction(({ executions }) => executions.commit(superstep(lease, { newEffects })));
  const effect = (await stage.store.executions.effect(parent.id, KEY)) ?? expect.fail();
  return { parent, effect };
}

export function carryOut(effect: EffectRecord): Promise<void> {
  const { signal } = new AbortController();
  return workflowEffect(stage.context)(effect, { stop: signal, cancel: signal });
}

export async function childrenOf({ id }: ExecutionRecord): Promise<ExecutionRecord[]> {
  const { executions } = stage.store;
  const children = await executions.list({ parent: id }, { limit: 10 });
  return Promise.all(children.map(async (child) => (await executions.get(child.id)) ?? expect.fail()));
}
