/** Cancel, pause, resume and signal: each is mail, so each survives a crash and is taken in its turn. */
import { PointsmanError } from '../contract/errors.ts';
import { FINISHED_EXECUTION } from '../contract/executions.ts';
import type { ExecutionRecord } from '../ports/store/executions.ts';
import { beginToEnd } from './concurrency/admit-execution.ts';
import type { EffectContext } from './effects/effect-runner.ts';
import type { Actor } from './engine-context.ts';

export type Control =
  | { type: 'cancel' }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'signal'; name: string; data?: unknown };

export async function controlExecution(
  context: EffectContext,
  executionId: string,
  control: Control,
  by: Actor,
): Promise<ExecutionRecord> {
  const record = await context.store.executions.get(executionId);
  if (!record) throw new PointsmanError('EXECUTION_NOT_FOUND');
  if (FINISHED_EXECUTION.includes(record.status))
    throw new PointsmanError('EXECUTION_FINISHED', { detail: `It has ended: ${record.status}.` });
  if (control.type === 'resume' && record.budget && record.budget.itemId !== null)
    throw new PointsmanError('BUDGET_EXCEEDED', {
      detail: 'It is paused because its budget is used up: raise that in the inbox.',
    });
  if (control.type === 'resume' && (await parentIsPaused(context, record)))
    throw new PointsmanError('EXECUTION_WRONG_STATE', {
      detail: `It is paused because the execution that has started it is: resume ${record.parent?.executionId}.`,
    });
  if (control.type === 'resume' && record.status !== 'paused' && !(await pauseIsComing(context, executionId)))
    throw new PointsmanError('EXECUTION_WRONG_STATE', {
      detail: `Only a paused execution can be resumed; this one is ${record.status}.`,
    });
  if (control.type === 'pause' && record.status === 'paused')
    throw new PointsmanError('EXECUTION_WRONG_STATE', { detail: 'It is paused already.' });
  const at = context.clock.now().toISOString();
  const event =
    control.type === 'signal'
      ? { type: 'signal_received', id: context.ids.next(), name: control.name, data: control.data, at }
      : { type: `${control.type}_requested`, at, by: by.name };
  await context.mailroom.post(executionId, [event], async (transaction) => {
    if (control.type === 'cancel' && record.inLine) await beginToEnd(transaction, executionId, at);
    await transaction.identity.audit({
      actor: by.name,
      action: `execution.${control.type}`,
      subject: executionId,
      detail: control,
    });
    return true;
  });
  return record;
}

async function parentIsPaused(context: EffectContext, { parent }: ExecutionRecord): Promise<boolean> {
  const above = parent ? await context.store.executions.get(parent.executionId) : null;
  return above !== null && above.pausedAt !== null;
}

/** A pause that was accepted and not taken yet can be taken back. */
async function pauseIsComing(context: EffectContext, executionId: string): Promise<boolean> {
  const mail = await context.store.executions.mail(executionId, 1000);
  return mail.some((letter) => (letter.event as { type: string }).type === 'pause_requested');
}
