// Maps: items start in input order up to the concurrency, merge back in input order, and become one list (rules 11 to 13).
import type { PlanTask } from '../workflow/plan.ts';
import type { Draft } from './draft.ts';
import type { ItemError, MapProgress, Run } from './execution-state.ts';
import { attemptKey, runKey, splitAttemptKey, timerId } from './keys.ts';
import type { SettleEvent } from './settle-events.ts';
import { cancelRun, failRun, nextAttempt, reader, startRun, stoppedRun, succeedRun, taskOf } from './run-node.ts';
import { evaluate } from './visible-names.ts';
import { isoAfter } from '../workflow/iso-duration.ts';

type MapRun = Run & { map: MapProgress };

export function startMap(draft: Draft, run: Run, task: PlanTask): void {
  const started = {
    ...run,
    phase: 'map' as const,
    step: { ...run.step, status: 'running' as const, startedAt: draft.now },
  };
  if (run.map)
    return pump(draft, armed(draft, { ...started, map: renewed(draft, { ...run, map: run.map }) }, task).key);
  const over = task.template.over && evaluate(draft, task.template.over, reader(draft, run));
  if (!over || over.outcome === 'failed') {
    return failRun(draft, started, over?.error ?? { code: 'EXPRESSION_FAILED', message: 'The map has no `over`.' }, {
      retry: false,
    });
  }
  if (!Array.isArray(over.value)) {
    const message = `\`over\` gave ${describe(over.value)} instead of a list.`;
    return failRun(draft, started, { code: 'EXPRESSION_FAILED', message }, { retry: false });
  }
  const map: MapProgress = { size: over.value.length, next: 0, unfinished: 0, ended: 0, failed: false };
  takeKept(draft, run, map);
  if (task.items?.merge) map.mergeNext = 0;
  draft.setList(run.key, over.value);
  armed(draft, { ...started, map }, task);
  pump(draft, run.key);
}

/** Items that succeeded in the execution this one goes on from need not run again. */
function takeKept(draft: Draft, run: Run, map: MapProgress): void {
  const indexes = Array.from({ length: map.size }, (_, index) => index);
  const kept = indexes.filter((index) => itemRun(draft, run, index)?.outcome === 'succeeded');
  if (kept.length === 0) return;
  map.next = (kept.at(-1) ?? -1) + 1;
  map.ended = kept.length;
  map.again = indexes.filter((index) => index < map.next && !kept.includes(index));
}

/** A map that was going on in the execution this one goes on from: its time counts anew, its open items start again. */
export function mapAgain(draft: Draft, run: MapRun): void {
  armed(draft, run, taskOf(draft, run));
  pump(draft, run.key);
}

function armed(draft: Draft, run: MapRun, task: PlanTask): MapRun {
  const due = task.timeoutMs === undefined ? undefined : isoAfter(draft.now, task.timeoutMs);
  const id = timerId('timeout', run);
  const armedRun = due === undefined ? run : { ...run, timerId: id };
  if (due !== undefined) draft.emit({ type: 'set_timer', timerId: id, at: due });
  draft.report(run.step);
  draft.setRun(armedRun);
  return armedRun;
}

/** A retry of a map runs again only the items that did not succeed. */
function renewed(draft: Draft, run: MapRun): MapProgress {
  const again: number[] = [];
  for (let index = 0; index < run.map.next; index++) {
    if (itemRun(draft, run, index)?.outcome !== 'succeeded') again.push(index);
  }
  const { conflict: _, timedOut: __, ...map } = run.map;
  return { ...map, failed: false, unfinished: 0, ended: map.next - again.length, again };
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** Starts and merges whatever may go on now. */
export function pump(draft: Draft, key: string): void {
  for (let run = mapRun(draft, key); run && !run.stopping && !draft.stopped; run = mapRun(draft, key)) {
    if (!mayStart(draft, run) && !mayMerge(draft, run)) break;
    if (draft.state.paused) {
      if (!draft.state.held.includes(`map:${key}`)) draft.set({ held: [...draft.state.held, `map:${key}`] });
      return;
    }
    if (mayMerge(draft, run)) mergeNext(draft, run);
    else startNext(draft, run);
  }
  completeMap(draft, key);
}

function mapRun(draft: Draft, key: string): MapRun | undefined {
  const run = draft.run(key);
  return run?.map && (run.phase === 'map' || run.phase === 'merging') ? { ...run, map: run.map } : undefined;
}

function itemRun(draft: Draft, run: Run, index: number): Run | undefined {
  return draft.run(runKey(run.nodeId, run.iteration, [...run.path, index]));
}

function mayStart(draft: Draft, { map, nodeId, path }: MapRun): boolean {
  const concurrency = taskOf(draft, { nodeId, path }).items?.concurrency ?? 1;
  return !map.failed && map.unfinished < concurrency && ((map.again?.length ?? 0) > 0 || map.next < map.size);
}

function startNext(draft: Draft, run: MapRun): void {
  const [first, ...again] = run.map.again ?? [];
  const index = first ?? run.map.next;
  const unfinished = run.map.unfinished + 1;
  draft.setRun({ ...run, map: { ...run.map, unfinished, ...(first === undefined ? { next: index + 1 } : { again }) } });
  const before = itemRun(draft, run, index);
  if (before) return nextAttempt(draft, before, true);
  const place = { nodeId: run.nodeId, iteration: run.iteration, path: [...run.path, index] };
  const { key } = taskOf(draft, run).template;
  if (!key) return startRun(draft, place);
  const name = evaluate(draft, key, reader(draft, { ...run, path: place.path }));
  // A key is a label: one that cannot be computed is left out instead of failing the item.
  const label =
    name.outcome === 'value' && name.value !== null && typeof name.value !== 'object'
      ? { itemKey: String(name.value) }
      : {};
  startRun(draft, { ...place, ...label });
}

/** An item has finally ended; its map goes on. */
export function itemEnded(draft: Draft, item: Run): void {
  const key = runKey(item.nodeId, item.iteration, item.path.slice(0, -1));
  const run = mapRun(draft, key);
  const ended = draft.run(item.key);
  if (!run || ended?.phase !== 'ended') return;
  const continues = taskOf(draft, item).onError === 'continue';
  const failed = run.map.failed || ended.outcome === 'cancelled' || (ended.outcome === 'failed' && !continues);
  draft.setRun({ ...run, map: { ...run.map, unfinished: run.map.unfinished - 1, ended: run.map.ended + 1, failed } });
  pump(draft, key);
}

/** Rule 13: one merge at a time, in input order; a failed item that the map goes on without has nothing to merge. */
function mayMerge(draft: Draft, run: MapRun): boolean {
  const { mergeNext: index, merging, failed, size } = run.map;
  if (index === undefined || merging || failed || index >= size) return false;
  return itemRun(draft, run, index)?.phase === 'ended';
}

function mergeNext(draft: Draft, run: MapRun): void {
  const index = run.map.mergeNext ?? 0;
  const item = itemRun(draft, run, index);
  if (item?.outcome !== 'succeeded') {
    draft.setRun({ ...run, map: { ...run.map, mergeNext: index + 1 } });
    return;
  }
  draft.setRun({ ...run, phase: 'merging', map: { ...run.map, merging: true } });
  draft.emit({ type: 'merge_item', key: attemptKey(item) });
}

export function mergeFinished(
  draft: Draft,
  { key, outcome, detail, files }: Extract<SettleEvent, { type: 'merge_finished' }>,
): void {
  const item = draft.run(splitAttemptKey(key)?.run ?? '');
  if (!item || attemptKey(item) !== key) return;
  const run = mapRun(draft, runKey(item.nodeId, item.iteration, item.path.slice(0, -1)));
  if (!run?.map.merging || run.map.mergeNext !== item.path.at(-1)) return;
  draft.leftFiles(files);
  const { merging: _, ...map } = run.map;
  const index = item.path.at(-1) ?? 0;
  const conflict = {
    conflict: `The changes of item ${index + 1} could not be merged${detail ? `: ${detail}` : ''}. The branches are kept.`,
  };
  const next = outcome === 'merged' ? { mergeNext: index + 1 } : { failed: true, ...conflict };
  draft.setRun({ ...run, phase: 'map', map: { ...map, ...next } });
  pump(draft, run.key);
}

function completeMap(draft: Draft, key: string): void {
  const run = mapRun(draft, key);
  if (!run || run.map.merging || run.map.unfinished > 0) return;
  const { map } = run;
  if (run.stopping && run.stopping !== 'timeout') return endStoppedMap(draft, run);
  if (!map.failed && !run.stopping && (map.ended < map.size || (map.mergeNext ?? map.size) < map.size)) return;
  if (run.timerId) draft.emit({ type: 'clear_timer', timerId: run.timerId });
  const items = Array.from({ length: map.size }, (_, index) => itemRun(draft, run, index));
  const itemErrors = items.flatMap((item, index) => errorOf(item, index));
  if (map.failed || run.stopping) {
    const { stopping: _, timerId: __, ...rest } = run;
    failRun(draft, rest, mapError(run, itemErrors), { itemErrors });
    if (draft.run(key)?.phase !== 'backoff') dropItems(draft, run);
    return;
  }
  const output = items.map((item) => (item?.outcome === 'succeeded' ? item.step.output : null));
  dropItems(draft, run);
  succeedRun(draft, run, output, draft.now, itemErrors);
}

function errorOf(item: Run | undefined, index: number): ItemError[] {
  if (!item || item.outcome === 'succeeded') return [];
  const { error, output } = item.step;
  const key = item.itemKey === undefined ? {} : { key: item.itemKey };
  const code = error?.code ?? 'CANCELLED';
  const message = error?.message ?? 'The item was cancelled.';
  return [{ index, ...key, code, message, ...(output === undefined ? {} : { output }) }];
}

function mapError(run: MapRun, errors: readonly ItemError[]): { code: string; message: string } {
  if (run.stopping === 'timeout') return { code: 'TIMEOUT', message: 'The map took longer than its timeout.' };
  const real = errors.find(({ code }) => code !== 'CANCELLED') ?? errors[0];
  if (run.map.conflict !== undefined) return { code: 'MERGE_CONFLICT', message: run.map.conflict };
  return { code: 'MAP_ITEM_FAILED', message: `Item ${(real?.index ?? 0) + 1} failed: ${real?.code}: ${real?.message}` };
}

function dropItems(draft: Draft, run: MapRun): void {
  for (let index = 0; index < run.map.next; index++)
    draft.dropRun(runKey(run.nodeId, run.iteration, [...run.path, index]));
  draft.setList(run.key, undefined);
}

/** Stops the items of a map; it ends when the last of them is gone. */
export function stopMap(draft: Draft, run: Run): void {
  draft.setRun(run);
  const { map } = run;
  if (!map || !run.stopping) return;
  for (let index = 0; index < map.next; index++) {
    cancelRun(draft, runKey(run.nodeId, run.iteration, [...run.path, index]), run.stopping);
  }
  draft.later(() => completeMap(draft, run.key));
}

function endStoppedMap(draft: Draft, run: MapRun): void {
  dropItems(draft, run);
  stoppedRun(draft, run, {
    ...run.step,
    status: 'cancelled',
    reason: run.stopping ?? 'cancelled',
    finishedAt: draft.now,
  });
}
