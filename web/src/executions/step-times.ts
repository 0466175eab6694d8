/** When each step could begin, began and ended, and what its time went into; pure. */
import type { Execution, Step } from '../../../src/contract/executions.ts';
import type { InboxItem } from '../../../src/contract/inbox.ts';
import type { CompiledGraph } from '../../../src/contract/workflows.ts';

/** `queue`: it could have begun. `person`: somebody had to answer. `event`: a wait node waits, for a time or a signal. */
export type TimeKind = 'queue' | 'work' | 'person' | 'event';
export interface Segment {
  kind: TimeKind;
  from: number;
  to: number;
}
export interface StepTime {
  step: Step;
  /** When what it depends on had ended. */
  ready: number;
  from: number;
  to: number;
  /** From `ready` to `to`, in order and without gaps. */
  segments: Segment[];
  /** The step whose end let this one begin. */
  after: string | null;
}
type Item = Pick<InboxItem, 'stepId' | 'createdAt' | 'state' | 'resolution'>;

/** Two clocks tell the end of one step and the beginning of the next. */
const TOLERANCE_MS = 250;

/** In the order of the steps. What was kept from an earlier execution, and what was skipped, took no time. */
export function stepTimes(
  execution: Pick<Execution, 'steps' | 'startedAt' | 'createdAt' | 'finishedAt'>,
  graph: Pick<CompiledGraph, 'nodes' | 'edges'>,
  items: readonly Item[],
  now: number,
): StepTime[] {
  const { steps } = execution;
  const types = new Map(graph.nodes.map(({ id, type }) => [id, type]));
  const began = Date.parse(execution.startedAt ?? execution.createdAt);
  const before = predecessors(steps, graph);
  const people = peopleTimes(items, steps, now);
  const times: StepTime[] = [];
  for (const step of steps) {
    if (step.carriedFrom || step.status === 'skipped') continue;
    if (!step.startedAt && (step.finishedAt || execution.finishedAt)) continue;
    const from = step.startedAt ? Date.parse(step.startedAt) : now;
    const to = Math.max(from, step.finishedAt ? Date.parse(step.finishedAt) : now);
    const after = before(step, from);
    const since = after
      ? Date.parse((step.item && !sameItem(after, step) ? after.startedAt : after.finishedAt) ?? '')
      : began;
    const ready = Math.min(from, Number.isNaN(since) ? from : since);
    const asked = people.get(step.nodeId) ?? [];
    const type = types.get(step.nodeId);
    const own: Segment[] =
      type === 'approval' || type === 'wait'
        ? [{ kind: type === 'approval' ? 'person' : 'event', from, to }]
        : split(
            'work',
            from,
            to,
            asked.filter(({ stepId }) => stepId === step.id),
          );
    times.push({
      step,
      ready,
      from,
      to,
      after: after?.id ?? null,
      // Between two attempts a person may have been asked what to do.
      segments: [...split('queue', ready, from, [...asked, ...(people.get('') ?? [])]), ...own].filter(
        (segment) => segment.to > segment.from,
      ),
    });
  }
  return times;
}

export function spent(segments: readonly Segment[]): Record<TimeKind, number> {
  const sum: Record<TimeKind, number> = { queue: 0, work: 0, person: 0, event: 0 };
  for (const { kind, from, to } of segments) sum[kind] += to - from;
  return sum;
}

/** The one that ended last, of those that had to end before a step could begin. */
function predecessors(
  steps: readonly Step[],
  graph: Pick<CompiledGraph, 'edges'>,
): (step: Step, from: number) => Step | null {
  const order = new Map(steps.map((step, index) => [step.id, index]));
  const byNode = Map.groupBy(steps, ({ nodeId }) => nodeId);
  const into = Map.groupBy(graph.edges, ({ to }) => to);
  const endedBefore =
    (step: Step, from: number) =>
    (other: Step): boolean =>
      (order.get(other.id) ?? 0) < (order.get(step.id) ?? 0) &&
      other.finishedAt !== undefined &&
      Date.parse(other.finishedAt) <= from + TOLERANCE_MS;

  function find(step: Step, from: number, seen: ReadonlySet<string>): Step | null {
    const own = byNode.get(step.nodeId) ?? [];
    const retried = own.findLast(
      (other) => sameItem(other, step) && other.iteration === step.iteration && other.attempt === step.attempt - 1,
    );
    if (retried) return retried;
    if (step.item) return own.find((other) => !other.item && other.iteration === step.iteration) ?? null;
    const fits = endedBefore(step, from);
    const found: Step[] = [];
    for (const node of new Set((into.get(step.nodeId) ?? []).map((edge) => edge.from))) {
      const last = (byNode.get(node) ?? []).findLast((other) => !other.item && fits(other));
      if (!last) continue;
      // What was skipped took no time: what let it be skipped did.
      if (last.status !== 'skipped') found.push(last);
      else if (!seen.has(last.id)) {
        const further = find(last, from, new Set([...seen, last.id]));
        if (further) found.push(further);
      }
    }
    return latest(found.filter((other) => !other.carriedFrom && other.startedAt));
  }
  return (step, from) => find(step, from, new Set());
}

function latest(steps: readonly Step[]): Step | null {
  return steps.reduce<Step | null>(
    (last, step) => (last && (last.finishedAt ?? '') >= (step.finishedAt ?? '') ? last : step),
    null,
  );
}

const sameItem = (one: Step, other: Step): boolean => one.item?.index === other.item?.index;

/** By node, in order; what concerns no step, as a budget, under an empty name. */
function peopleTimes(
  items: readonly Item[],
  steps: readonly Step[],
  now: number,
): Map<string, { stepId: string | undefined; from: number; to: number }[]> {
  const nodes = new Map(steps.map(({ id, nodeId }) => [id, nodeId]));
  const spans = items.flatMap(({ stepId, createdAt, state, resolution }) => {
    const to = resolution ? Date.parse(resolution.at) : state === 'open' ? now : null;
    // Nobody knows when a question was withdrawn.
    return to === null ? [] : [{ stepId, from: Date.parse(createdAt), to }];
  });
  return Map.groupBy(
    spans.toSorted((a, b) => a.from - b.from),
    ({ stepId }) => (stepId === undefined ? '' : (nodes.get(stepId) ?? stepId)),
  );
}

/** A span in which a person was waited for now and then. */
function split(kind: TimeKind, from: number, to: number, asked: readonly { from: number; to: number }[]): Segment[] {
  const segments: Segment[] = [];
  let at = from;
  for (const span of asked) {
    const start = Math.max(span.from, at);
    const end = Math.min(span.to, to);
    if (end <= start) continue;
    segments.push({ kind, from: at, to: start }, { kind: 'person', from: start, to: end });
    at = end;
  }
  return [...segments, { kind, from: at, to }];
}
