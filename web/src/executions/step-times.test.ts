import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/contract/executions.ts';
import { criticalPath, pathWords } from './critical-path.ts';
import { spent, stepTimes } from './step-times.ts';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-01-01T12:00:00.000Z');
const at = (minutes: number): string => new Date(START + minutes * MINUTE_MS).toISOString();
const step = (nodeId: string, from: number | null, to: number | null, more: Partial<Step> = {}): Step => ({
  id: `${nodeId}#${more.item?.index ?? ''}${more.iteration ?? 1}.${more.attempt ?? 1}`,
  nodeId,
  iteration: 1,
  attempt: 1,
  status: to === null ? (from === null ? 'pending' : 'running') : 'succeeded',
  ...(from === null ? {} : { startedAt: at(from) }),
  ...(to === null ? {} : { finishedAt: at(to) }),
  ...more,
});
const graph = (nodes: Record<string, string>, ...edges: [from: string, to: string, loop?: boolean][]) => ({
  nodes: Object.entries(nodes).map(([id, type]) => ({ id, type, label: id, join: 'all', loops: [] })),
  edges: edges.map(([from, to, loop = false], index) => ({ index, from, to, on: 'success', otherwise: false, loop })),
});
const asked = (stepId: string, from: number, to: number | null) => ({
  stepId,
  createdAt: at(from),
  state: to === null ? ('open' as const) : ('resolved' as const),
  ...(to === null ? {} : { resolution: { decision: 'allow' as const, by: 'ada', at: at(to) } }),
});
const times = (
  steps: Step[],
  drawn: ReturnType<typeof graph>,
  items: Parameters<typeof stepTimes>[2] = [],
  { now = 100, finished = true } = {},
) =>
  stepTimes(
    { steps, createdAt: at(0), startedAt: at(0), ...(finished ? { finishedAt: at(99) } : {}) },
    drawn,
    items,
    START + now * MINUTE_MS,
  );
const RELEASE = graph(
  { build: 'shell', test: 'agent', ask: 'approval', deploy: 'shell' },
  ['build', 'ask'],
  ['test', 'ask'],
  ['ask', 'deploy'],
);
const minutes = (segments: ReturnType<typeof times>[number]['segments']) =>
  segments.map(({ kind, from, to }) => [kind, (from - START) / MINUTE_MS, (to - START) / MINUTE_MS]);

describe('the times of steps', () => {
  it('count the queue from the end of what a step depended on last', () => {
    const [, , , deploy] = times(
      [step('build', 0, 1), step('test', 0, 2), step('ask', 2, 11), step('deploy', 11.5, 12)],
      RELEASE,
    );
    expect(deploy?.after).toBe('ask#1.1');
    expect(minutes(deploy?.segments ?? [])).toEqual([
      ['queue', 11, 11.5],
      ['work', 11.5, 12],
    ]);
  });
  it('tell a person’s time within a step from its work, by what was asked and when it was answered', () => {
    const [, test] = times([step('build', 0, 1), step('test', 0, 10)], RELEASE, [
      asked('test#1.1', 2, 5),
      asked('test#1.1', 4, 6),
      asked('build#1.1', 7, 8),
    ]);
    expect(minutes(test?.segments ?? [])).toEqual([
      ['work', 0, 2],
      ['person', 2, 5],
      ['person', 5, 6],
      ['work', 6, 10],
    ]);
  });
  it('of an approval are a person’s, of a wait an event’s, open ones until now', () => {
    const [ask, wait] = times(
      [step('ask', 1, null, { status: 'waiting' }), step('wait', 1, 3)],
      graph({ ask: 'approval', wait: 'wait' }),
      [asked('ask#1.1', 1, null)],
      { now: 5, finished: false },
    );
    expect(minutes(ask?.segments ?? []).at(-1)).toEqual(['person', 1, 5]);
    expect(minutes(wait?.segments ?? []).at(-1)).toEqual(['event', 1, 3]);
  });
  it('between two attempts are a person’s while somebody was asked what to do', () => {
    const [, again] = times(
      [step('build', 0, 1, { status: 'unknown' }), step('build', 6, 7, { attempt: 2 })],
      RELEASE,
      [asked('build#1.1', 1, 5)],
    );
    expect(minutes(again?.segments ?? [])).toEqual([
      ['person', 1, 5],
      ['queue', 5, 6],
      ['work', 6, 7],
    ]);
  });
  it('leave out what did not run here, and show what is pending as queueing', () => {
    const list = times(
      [
        step('build', 0, 1, { carriedFrom: 'x' }),
        step('test', null, 0, { status: 'skipped' }),
        step('ask', null, null),
      ],
      RELEASE,
      [],
      { now: 3, finished: false },
    );
    expect(list.map(({ step: { nodeId } }) => nodeId)).toEqual(['ask']);
    expect(minutes(list[0]?.segments ?? [])).toEqual([['queue', 0, 3]]);
  });
  it('look through a skipped step to what let it be skipped', () => {
    const drawn = graph({ a: 'shell', b: 'shell', c: 'shell' }, ['a', 'b'], ['b', 'c']);
    const list = times([step('a', 0, 2), step('b', null, 2, { status: 'skipped' }), step('c', 2, 3)], drawn);
    expect(list.at(-1)?.after).toBe('a#1.1');
  });
});

describe('the critical path', () => {
  it('is the longest chain of dependent steps, with a person’s time told apart', () => {
    const path = criticalPath(
      times([step('build', 0, 1), step('test', 0, 2), step('ask', 2, 11), step('deploy', 11, 12)], RELEASE),
    );
    expect(path?.nodes).toEqual(['test', 'ask', 'deploy']);
    expect(path?.totalMs).toBe(12 * MINUTE_MS);
    expect(path?.spent).toEqual({ queue: 0, work: 3 * MINUTE_MS, person: 9 * MINUTE_MS, event: 0 });
    expect(pathWords(path!, false)).toBe('12 m, of which 9 m waiting for a person. The path: test → ask → deploy.');
  });
  it('explains the whole time: what is spent on it adds up', () => {
    const list = times(
      [step('build', 0.2, 1), step('test', 0.1, 2), step('ask', 2.5, 11), step('deploy', 11.7, 12)],
      RELEASE,
      [asked('test#1.1', 1, 1.5)],
    );
    const path = criticalPath(list);
    expect(Object.values(path!.spent).reduce((sum, ms) => sum + ms)).toBe(path!.totalMs);
    expect(spent(list.find(({ step: one }) => one.nodeId === 'test')!.segments).person).toBe(MINUTE_MS / 2);
  });
  it('goes around a loop as often as the execution did, and never in circles', () => {
    const drawn = graph({ write: 'agent', check: 'shell' }, ['write', 'check'], ['check', 'write', true]);
    const path = criticalPath(
      times(
        [
          step('write', 0, 2),
          step('check', 2, 3),
          step('write', 3, 4, { iteration: 2 }),
          step('check', 4, 6, { iteration: 2 }),
        ],
        drawn,
      ),
    );
    expect(path?.nodes).toEqual(['write', 'check', 'write', 'check']);
    expect([...path!.steps]).toEqual(['write#1.1', 'check#1.1', 'write#2.1', 'check#2.1']);
  });
  it('of a map takes along the items that made it take so long', () => {
    const item = (index: number, from: number, to: number) => step('each', from, to, { item: { index } });
    const path = criticalPath(
      times([step('each', 0, 9), item(0, 0, 2), item(1, 0, 5), item(2, 2, 4), item(3, 5, 9)], graph({ each: 'map' })),
    );
    expect([...path!.steps]).toEqual(['each#1.1', 'each#31.1', 'each#11.1']);
    expect(path?.nodes).toEqual(['each']);
  });
  it('includes failed attempts and what lay between them', () => {
    const path = criticalPath(
      times([step('build', 0, 1, { status: 'failed' }), step('build', 2, 4, { attempt: 2 })], RELEASE),
    );
    expect(path?.steps.size).toBe(2);
    expect(path?.nodes).toEqual(['build']);
    expect(path?.spent).toMatchObject({ queue: MINUTE_MS, work: 3 * MINUTE_MS });
  });
  it('of nothing that ran there is none, and a long one is told by its ends', () => {
    expect(criticalPath([])).toBeNull();
    const names = Array.from({ length: 12 }, (_unused, index) => `n${index}`);
    const list = times(
      names.map((name, index) => step(name, index, index + 1)),
      graph(
        Object.fromEntries(names.map((name) => [name, 'shell'])),
        ...names.slice(1).map((name, index): [string, string] => [names[index] ?? '', name]),
      ),
    );
    expect(pathWords(criticalPath(list)!, true)).toBe('12 m so far. The path: n0 → n1 → n2 → 6 more → n9 → n10 → n11.');
  });
});
