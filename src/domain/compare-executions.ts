// How two executions differ, node by node: what became of each, in how many attempts and how long, with what output.
import type { Execution, ExecutionDifference, Step } from '../contract/executions.ts';
import { differingPaths, sameJson } from './json-difference.ts';

type Side = NonNullable<ExecutionDifference['nodes'][number]['a']>;

/** Nodes in the order in which they were reached, those of `a` first. */
export function compareExecutions(a: Execution, b: Execution): ExecutionDifference {
  const sides = [nodesOf(a.steps), nodesOf(b.steps)] as const;
  const ids = new Set(sides.flatMap((side) => [...side.keys()]));
  return {
    a: wholeOf(a),
    b: wholeOf(b),
    inputs: differingPaths(a.inputs, b.inputs),
    outputs: differingPaths(a.outputs, b.outputs),
    nodes: [...ids].map((id) => {
      const [one, other] = [sides[0].get(id), sides[1].get(id)];
      return {
        id,
        ...(one ? { a: one.side } : {}),
        ...(other ? { b: other.side } : {}),
        output: !one || !other ? 'only_one' : sameJson(one.output, other.output) ? 'equal' : 'different',
      };
    }),
  };
}

function wholeOf({ id, workflowId, version, status, startedAt, finishedAt }: Execution): ExecutionDifference['a'] {
  return { id, workflowId, version, status, durationMs: durationMs(startedAt, finishedAt) };
}

/** Of a node its newest visit counts for status and output; attempts and time are those of all visits. */
function nodesOf(steps: readonly Step[]): Map<string, { side: Side; output: unknown }> {
  const nodes = new Map<string, Step[]>();
  for (const step of steps) nodes.set(step.nodeId, [...(nodes.get(step.nodeId) ?? []), step]);
  return new Map(
    [...nodes].map(([id, all]) => {
      const own = all.filter((step) => !step.item);
      const last = own.at(-1) ?? all.at(-1);
      const items = all.length - own.length;
      const took = own.map((step) => durationMs(step.startedAt, step.finishedAt));
      const known = took.filter((ms) => ms !== null);
      const side: Side = {
        status: last?.status ?? 'pending',
        iterations: Math.max(...all.map((step) => step.iteration)),
        attempts: own.length,
        ...(items > 0 ? { itemAttempts: items } : {}),
        durationMs: known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0),
        carried: own.length > 0 && own.every((step) => step.carriedFrom !== undefined),
      };
      return [id, { side, output: last?.output }];
    }),
  );
}

function durationMs(startedAt: string | null | undefined, finishedAt: string | undefined): number | null {
  return startedAt && finishedAt ? Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) : null;
}
