/** Whether an execution of a swept graph has ended as it has to. */
import { existsSync, readFileSync } from 'node:fs';
import type { Step } from '../../src/contract/executions.ts';
import type { SweptGraph } from './graphs.ts';

export interface Ended {
  status: string;
  outputs?: unknown;
  error?: unknown;
  steps: Step[];
  /** The file to which its commands append. */
  ran: string;
}

/** What is different, in words. */
export async function differences(graph: SweptGraph, { status, outputs, error, steps, ran }: Ended): Promise<string[]> {
  const lines = existsSync(ran) ? readFileSync(ran, 'utf8').trim().split('\n') : [];
  const begun = lines.filter((line) => !line.includes(' is '));
  return [
    ...different(
      'end is',
      { status, outputs, error: error ?? null },
      { status: 'succeeded', outputs: graph.outputs, error: null },
    ),
    ...different('steps are', stepsOf(steps), graph.steps.toSorted()),
    ...different('commands were', begun.toSorted(), graph.lines.toSorted()),
    ...((await graph.verify?.(lines)) ?? []),
  ];
}

function stepsOf(steps: Step[]): string[] {
  return steps
    .map(({ nodeId, item, iteration, attempt, status }) => {
      const which = `${nodeId}${item ? `[${item.index}]` : ''}${iteration > 1 ? ` round ${iteration}` : ''}`;
      return `${which}${attempt > 1 ? ` attempt ${attempt}` : ''} ${status}`;
    })
    .toSorted();
}

function different(what: string, found: unknown, wanted: unknown): string[] {
  const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
  return is === should ? [] : [`its ${what} ${is}, should be ${should}`];
}
