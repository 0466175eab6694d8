// What a finished visit of a node gave, read from its steps: the state keeps only the newest.
import type { Step } from '../../contract/executions.ts';
import type { ItemError, NodeResult, NodeStatus } from './execution-state.ts';

const STATUS: Partial<Record<Step['status'], NodeStatus>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  unknown: 'failed',
  skipped: 'skipped',
  cancelled: 'cancelled',
};

/** Undefined when that visit never ended. Of a map's items the last attempts count. */
export function resultOfVisit(steps: readonly Step[], nodeId: string, iteration: number): NodeResult | undefined {
  const visit = steps.filter((step) => step.nodeId === nodeId && step.iteration === iteration);
  const last = visit.findLast((step) => !step.item);
  const status = last && STATUS[last.status];
  if (!last || !status) return undefined;
  const items = new Map(visit.flatMap((step) => (step.item ? [[step.item.index, step] as const] : [])));
  const itemErrors = [...items.values()].flatMap(errorOf).toSorted((a, b) => a.index - b.index);
  return {
    iteration,
    status,
    ...(last.reason === undefined ? {} : { reason: last.reason }),
    ...(last.output === undefined ? {} : { output: last.output }),
    ...(last.error ? { error: last.error } : {}),
    ...(itemErrors.length > 0 ? { itemErrors } : {}),
  };
}

function errorOf({ item, error, output }: Step): ItemError[] {
  if (!item || !error) return [];
  const { code, message } = error;
  return [{ ...item, code, message, ...(output === undefined ? {} : { output }) }];
}
