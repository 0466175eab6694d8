// Compares how a case ended with what was expected; each difference is one sentence.
import type { Step, StepStatus } from '../../contract/executions.ts';
import type { ExpectedEnd } from '../../contract/workflow-cases.ts';
import { differingPaths, sameJson } from '../json-difference.ts';
import type { TriedCase } from './try-case.ts';

const SHOWN = 200;

/** Empty when all is as expected. */
export function judgeCase(end: TriedCase, expected: ExpectedEnd): string[] {
  const status = expected.status ?? (expected.error ? 'failed' : 'succeeded');
  const own = end.steps.filter((step) => !step.item);
  return [
    ...(end.status === status ? [] : [`It ${end.status}${because(end)} instead of having ${status}.`]),
    ...pathDifferences(own, expected.path),
    ...Object.entries(expected.nodes ?? {}).flatMap(([id, wanted]) => nodeDifference(own, id, wanted)),
    ...Object.entries(expected.visits ?? {}).flatMap(([id, wanted]) => {
      const visits = new Set(ran(own).flatMap((step) => (step.nodeId === id ? [step.iteration] : []))).size;
      return visits === wanted ? [] : [`${id} was visited ${times(visits)} instead of ${times(wanted)}.`];
    }),
    ...Object.entries(expected.outputs ?? {}).flatMap(([name, wanted]) => outputDifference(end, name, wanted)),
    ...errorDifferences(end, expected.error),
  ];
}

function because({ error }: TriedCase): string {
  return error ? ` (${error.nodeId ? `${error.nodeId}: ` : ''}${error.code}: ${error.message})` : '';
}

/** A node ran when it was started, however it ended; a join that cannot fire fails without. */
function ran(steps: readonly Step[]): Step[] {
  return steps.filter(({ startedAt }) => startedAt !== undefined);
}

function pathDifferences(steps: readonly Step[], path: readonly string[] | undefined): string[] {
  if (!path) return [];
  const visited = [...new Set(ran(steps).map(({ nodeId }) => nodeId))];
  const missing = path.filter((id) => !visited.includes(id));
  const surplus = visited.filter((id) => !path.includes(id));
  return [
    ...missing.map((id) => `${id} did not run${reasonOf(steps, id)}.`),
    ...surplus.map((id) => `${id} ran, but is not on the expected path.`),
  ];
}

function reasonOf(steps: readonly Step[], id: string): string {
  const last = steps.findLast(({ nodeId }) => nodeId === id);
  if (!last) return ': it was not reached';
  const why = last.error?.code ?? last.reason?.replaceAll('_', ' ');
  return `: it is ${last.status}${why ? ` (${why})` : ''}`;
}

function nodeDifference(steps: readonly Step[], id: string, wanted: StepStatus): string[] {
  const status = steps.findLast(({ nodeId }) => nodeId === id)?.status;
  return status === wanted ? [] : [`${id} ${status ? `is ${status}` : 'was not reached'} instead of ${wanted}.`];
}

function outputDifference({ outputs }: TriedCase, name: string, wanted: unknown): string[] {
  if (!Object.hasOwn(outputs, name)) return [`There is no output ${name}.`];
  const found = outputs[name];
  if (sameJson(found, wanted)) return [];
  const [place = ''] = differingPaths(found, wanted);
  return [
    `The output ${name} is ${shown(found)} instead of ${shown(wanted)}${place ? ` (they differ at ${place})` : ''}.`,
  ];
}

function errorDifferences({ error }: TriedCase, wanted: ExpectedEnd['error']): string[] {
  if (!wanted) return [];
  const { code, node } = wanted;
  return [
    ...(code === undefined || error?.code === code
      ? []
      : [`The error is ${error?.code ?? 'none'} instead of ${code}.`]),
    ...(node === undefined || error?.nodeId === node
      ? []
      : [`The error is that of ${error?.nodeId ?? 'no node'} instead of ${node}.`]),
  ];
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
