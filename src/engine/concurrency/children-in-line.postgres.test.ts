/** Executions that steps start, and the rule of their workflow for several at once, on real rows. */
import { describe, expect, test } from 'vitest';
import type { Concurrency } from '../../contract/workflow-document.ts';
import type { ExecutionRecord } from '../../ports/store/executions.ts';
import { mailOf, stage } from '../budgets/testing/budget-stage.ts';
import { tellChildren } from '../children/tell-children.ts';
import {
  carryOut,
  childrenOf,
  insert,
  intent,
  KEY,
  onStageWithWorkflows,
  save,
} from '../children/testing/child-stage.ts';
import { controlExecution } from '../control-execution.ts';
import { startExecution } from '../start-execution.ts';
import { releaseLines } from './release-lines.ts';

onStageWithWorkflows();

const at = '2026-03-01T10:00:00.000Z';

describe('a workflow step', () => {
  test('R24a: of a workflow with `queue` waits in line behind whatever is under way, and others wait for it', async () => {
    const deploy = await saved('Deploy', 'queue');
    const running = await insert({ workflowId: deploy, createdAt: at });
    const { child } = await started({ workflow: 'Deploy' });
    expect(child.inLine).toBe(true);
    expect(await mailOf(child.id)).toEqual([]);
    await releaseLines(stage.context);
    expect(await isInLine(child)).toBe(true);
    await ended(running);
    await releaseLines(stage.context);
    expect(await isInLine(child)).toBe(false);
    expect(await mailOf(child.id)).toEqual([{ type: 'execution_started', at }]);
    expect(stage.woken).toContain(child.id);
    const other = await started({ workflow: 'Deploy' });
    expect(other.child.inLine).toBe(true);
    expect(await execute(deploy)).toMatchObject({ inLine: true });
  });

  test('R24a: of a workflow with `skip` fails while one is under way, by whomever it was started', async () => {
    const deploy = await saved('Deploy', 'skip');
    const { child } = await started({ workflow: 'Deploy' });
    expect(child.inLine).toBe(false);
    await expect(execute(deploy)).rejects.toMatchObject({ code: 'EXECUTION_SKIPPED' });
    const { parent, effect } = await intent({ workflow: 'Deploy' });
    await carryOut(effect);
    expect(await childrenOf(parent)).toEqual([]);
    expect(await mailOf(parent.id)).toMatchObject([
      { type: 'attempt_failed', key: KEY, error: { code: 'EXECUTION_SKIPPED' } },
    ]);
    expect((await stage.store.executions.effect(parent.id, KEY))?.status).toBe('done');
  });

  test('R24a: of a workflow with `cancel_previous` takes the place of whatever is under way', async () => {
    await saved('Deploy', 'cancel_previous');
    const before = await started({ workflow: 'Deploy' });
    const { child } = await started({ workflow: 'Deploy' });
    expect(child.inLine).toBe(true);
    expect(await mailOf(before.child.id)).toMatchObject([
      { type: 'execution_started' },
      { type: 'cancel_requested', by: null },
    ]);
    await ended(before.child);
    await releaseLines(stage.context);
    expect(await isInLine(child)).toBe(false);
  });

  test('R24a: of a workflow with `allow` begins at once', async () => {
    const deploy = await saved('Deploy', 'allow');
    await insert({ workflowId: deploy, createdAt: at });
    expect((await started({ workflow: 'Deploy' })).child.inLine).toBe(false);
  });

  test('R24b: fails when too many wait', async () => {
    const deploy = await saved('Deploy', 'queue');
    await insert({ workflowId: deploy, createdAt: at });
    for (let n = 0; n < 100; n += 1) await insert({ workflowId: deploy, createdAt: at, inLine: true });
    const { parent, effect } = await intent({ workflow: 'Deploy' });
    await carryOut(effect);
    expect(await mailOf(parent.id)).toMatchObject([{ type: 'attempt_failed', error: { code: 'LINE_FULL' } }]);
  });

  test('R24b: that is over before its turn ends its execution before that begins', async () => {
    const deploy = await saved('Deploy', 'queue');
    await insert({ workflowId: deploy, createdAt: at });
    const { parent, child } = await started({ workflow: 'Deploy' });
    expect(child.inLine).toBe(true);
    const told = { before: parent, after: parent, cancelled: [KEY], at };
    await stage.store.transaction((transaction) => tellChildren(transaction, told));
    expect(await isInLine(child)).toBe(false);
    expect(await mailOf(child.id)).toMatchObject([{ type: 'execution_started' }, { type: 'cancel_requested' }]);
  });

  test('R24b: has its time in line too, and then its execution ends before it begins', async () => {
    const deploy = await saved('Deploy', 'queue');
    const running = await insert({ workflowId: deploy, createdAt: at });
    const deadline = '2026-03-01T10:01:00.000Z';
    const [overdue, inTime] = [
      await started({ workflow: 'Deploy' }, 60_000),
      await started({ workflow: 'Deploy' }, 90_000),
    ];
    stage.now = '2026-03-01T10:00:59.000Z';
    await releaseLines(stage.context);
    expect(await isInLine(overdue.child)).toBe(true);
    stage.now = deadline;
    await releaseLines(stage.context);
    expect(await mailOf(overdue.child.id)).toEqual([
      { type: 'execution_started', at: deadline, deadline },
      { type: 'timer_fired', timerId: 'deadline', at: deadline },
    ]);
    expect(await isInLine(inTime.child)).toBe(true);
    await ended(overdue.child);
    await ended(running);
    await releaseLines(stage.context);
    expect(await mailOf(inTime.child.id)).toEqual([
      { type: 'execution_started', at: deadline, deadline: '2026-03-01T10:01:30.000Z' },
    ]);
  });

  test('R24b: of a paused execution finds that pause when its turn comes', async () => {
    const deploy = await saved('Deploy', 'queue');
    const running = await insert({ workflowId: deploy, createdAt: at });
    const { parent, effect } = await intent({ workflow: 'Deploy' });
    await stage.database.pool.query(`UPDATE executions SET paused_at = now() WHERE id = '${parent.id}'`);
    await carryOut(effect);
    const [child = expect.fail()] = await childrenOf(parent);
    expect(child.inLine).toBe(true);
    await ended(running);
    await releaseLines(stage.context);
    expect(await mailOf(child.id)).toMatchObject([{ type: 'pause_requested' }, { type: 'execution_started' }]);
  });

  test('R24c: does not wait for those above it, however far, nor skip nor cancel because of them', async () => {
    for (const rule of ['queue', 'skip', 'cancel_previous'] as const) {
      const deploy = await saved(rule, rule);
      const top = await insert({ workflowId: deploy, createdAt: at });
      const middle = await insert({ parent: { executionId: top.id, stepId: top.id, effectKey: 'x' }, createdAt: at });
      const { child } = await started({ workflow: rule }, undefined, {
        parent: { executionId: middle.id, stepId: middle.id, effectKey: 'x' },
      });
      expect(child.inLine, rule).toBe(false);
      expect(await mailOf(top.id), rule).toEqual([]);
    }
  });

  test('R24c: passes those in line that wait for what is above it, and waits for all others', async () => {
    const deploy = await saved('Deploy', 'queue');
    const top = await insert({ workflowId: deploy, createdAt: at });
    expect(await execute(deploy), 'behind the top').toMatchObject({ inLine: true });
    const again = await insert({ workflowId: deploy, createdAt: at }); // a retry, which waits for nobody
    const above = { parent: { executionId: top.id, stepId: top.id, effectKey: 'x' } };
    const { child } = await started({ workflow: 'Deploy' }, undefined, above);
    expect(child.inLine).toBe(true);
    await releaseLines(stage.context);
    expect(await isInLine(child)).toBe(true);
    await ended(again);
    await releaseLines(stage.context);
    expect(await isInLine(child)).toBe(false);
    expect((await stage.store.executions.openOf(deploy, null)).filter(({ inLine }) => inLine)).toHaveLength(1);
  });

  test('R24c: of two that would wait for each other across workflows, the second begins at once', async () => {
    const [ours, theirs] = [await saved('Ours', 'queue'), await saved('Theirs', 'queue')];
    const [one, two] = [await inside(ours, 'Theirs'), await inside(theirs, 'Ours')];
    await carryOut(one.effect);
    await carryOut(two.effect);
    expect((await childrenOf(one.parent))[0]?.inLine).toBe(true);
    expect((await childrenOf(two.parent))[0]?.inLine).toBe(false);
  });

  test('R24c: of two that came to wait for each other at the same moment, one is let go and the other waits for its end', async () => {
    const [ours, theirs] = [await saved('Ours', 'queue'), await saved('Theirs', 'queue')];
    const [one, two] = [await inside(ours, 'Theirs'), await inside(theirs, 'Ours')];
    await carryOut(one.effect);
    await carryOut(two.effect);
    const [first = expect.fail()] = await childrenOf(one.parent);
    const [second = expect.fail()] = await childrenOf(two.parent);
    await stage.database.pool.query(`UPDATE executions SET in_line = true WHERE id = '${second.id}'`);
    await releaseLines(stage.context);
    expect(new Set([await isInLine(first), await isInLine(second)])).toEqual(new Set([false, true]));
  });

  test('R24b: whose execution somebody cancels in line, cancels it as any other', async () => {
    const deploy = await saved('Deploy', 'queue');
    await insert({ workflowId: deploy, createdAt: at });
    const { child } = await started({ workflow: 'Deploy' });
    expect(child.inLine).toBe(true);
    await controlExecution(stage.context, child.id, { type: 'cancel' }, { name: 'ada', role: 'operator' });
    expect(await mailOf(child.id)).toMatchObject([{ type: 'execution_started' }, { type: 'cancel_requested' }]);
  });
});

async function saved(name: string, concurrency: Concurrency): Promise<string> {
  return (await save({ name, concurrency })).id;
}

async function started(config: object, timeoutMs?: number, changes: Partial<ExecutionRecord> = {}) {
  const { parent, effect } = await intent(config, changes, timeoutMs);
  await carryOut(effect);
  const [child = expect.fail('nothing was started')] = await childrenOf(parent);
  return { parent, child };
}

/** An execution of a workflow with a step that is about to start one of another. */
function inside(workflowId: string, workflow: string) {
  return intent({ workflow }, { workflowId, createdAt: at });
}

async function execute(workflowId: string): Promise<ExecutionRecord | null> {
  const { document } = (await stage.store.workflows.withVersion(workflowId, 1))?.version ?? expect.fail();
  const by = { name: 'ada', role: 'operator' };
  const { execution } = await startExecution(stage.context, {
    workflowId,
    version: 1,
    document: document as never,
    inputs: {},
    by,
  });
  return stage.store.executions.get(execution.id);
}

async function isInLine({ id }: ExecutionRecord): Promise<boolean | undefined> {
  return (await stage.store.executions.get(id))?.inLine;
}

async function ended({ id }: ExecutionRecord): Promise<void> {
  await stage.database.pool.query(
    `UPDATE executions SET completed_at = now(), status = 'succeeded' WHERE id = '${id}'`,
  );
}
