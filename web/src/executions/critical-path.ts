/** The chain of steps that explains how long an execution took: none of them shorter, and it had ended earlier; pure. */
import { durationWords } from '../ui/time-words.ts';
import { spent, type StepTime, type TimeKind } from './step-times.ts';
import { t } from '../words/words.ts';

export interface CriticalPath {
  /** Ids of steps, in the order in which they ran; of a map also the items that made it take so long. */
  steps: ReadonlySet<string>;
  /** Names of its nodes; one that ran twice in a row once. */
  nodes: string[];
  /** From the beginning of the execution to the end of its last step. */
  totalMs: number;
  spent: Record<TimeKind, number>;
}

export function criticalPath(times: readonly StepTime[]): CriticalPath | null {
  const byId = new Map(times.map((time) => [time.step.id, time]));
  const whole = times.filter(({ step }) => !step.item);
  const chain: StepTime[] = [];
  for (let at = lastToEnd(whole); at && !chain.includes(at); at = at.after === null ? undefined : byId.get(at.after))
    chain.unshift(at);
  const [first] = chain;
  const last = chain.at(-1);
  if (!first || !last) return null;
  const steps = new Set(chain.flatMap((time) => [time.step.id, ...itemsThatCount(time, times)]));
  const nodes = chain.map(({ step }) => step.nodeId).filter((node, index, all) => node !== all[index - 1]);
  return { steps, nodes, totalMs: last.to - first.ready, spent: spent(chain.flatMap(({ segments }) => segments)) };
}

/** “12 m 4 s, of which 9 m waiting for a person. The path: build → ask → deploy.” */
export function pathWords({ nodes, totalMs, spent: by }: CriticalPath, running: boolean): string {
  const parts = [
    by.person > 0 && t('{person} waiting for a person', { person: shortWords(by.person) }),
    by.event > 0 && t('{event} waiting for a time or an event', { event: shortWords(by.event) }),
    by.queue >= 1_000 && by.queue >= totalMs / 100 && t('{queue} in a queue', { queue: shortWords(by.queue) }),
  ].filter((part) => part !== false);
  const of = parts.length > 0 ? t(', of which {parts}', { parts: parts.join(', ') }) : '';
  return t('{totalMs}{value}{of}. The path: {nodes}.', {
    totalMs: shortWords(totalMs),
    value: running ? t(' so far') : '',
    of,
    nodes: nodesWords(nodes),
  });
}

/** Whole minutes without their seconds. */
const shortWords = (ms: number): string => durationWords(ms).replace(/(?<=m) 0 s$/, '');

const MOST_NAMED = 7;

function nodesWords(nodes: readonly string[]): string {
  if (nodes.length <= MOST_NAMED) return nodes.join(' → ');
  const half = Math.floor(MOST_NAMED / 2);
  return [...nodes.slice(0, half), t('{count} more', { count: nodes.length - 2 * half }), ...nodes.slice(-half)].join(
    ' → ',
  );
}

/** Of a map: the item that ended last, the one before it that freed its place, and so on. */
function itemsThatCount(whole: StepTime, times: readonly StepTime[]): string[] {
  const items = times.filter(
    ({ step }) => step.item && step.nodeId === whole.step.nodeId && step.iteration === whole.step.iteration,
  );
  const counted = new Set<string>();
  for (let at = lastToEnd(items); at;) {
    counted.add(at.step.id);
    const { from } = at;
    at = lastToEnd(items.filter((one) => one.to <= from && !counted.has(one.step.id)));
  }
  return [...counted];
}

function lastToEnd(times: readonly StepTime[]): StepTime | undefined {
  return times.reduce<StepTime | undefined>((last, time) => (last && last.to >= time.to ? last : time), undefined);
}
