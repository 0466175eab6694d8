/** Other tools draw a way back like any other edge; here it needs a limit. Finds the edges that go back and gives them one. */
import type { DraftEdge } from './import-draft.ts';

/** Enough for a retry by hand, few enough to notice one that never ends. */
const LOOP_MAX = 10;

export function closeCycles(
  ids: readonly string[],
  edges: readonly DraftEdge[],
): { edges: DraftEdge[]; loops: { from: string; to: string; max: number }[] } {
  const out = new Map<string, number[]>();
  const entered = new Set<string>();
  edges.forEach((edge, index) => {
    if (edge.max !== undefined) return;
    const leaving = out.get(edge.from);
    if (leaving) leaving.push(index);
    else out.set(edge.from, [index]);
    entered.add(edge.to);
  });
  const back = new Set<number>();
  const state = new Map<string, 'open' | 'done'>();
  // From the entries first, so that the edge that goes back is the one a reader would call so.
  for (const start of [...ids.filter((id) => !entered.has(id)), ...ids]) {
    if (state.has(start)) continue;
    state.set(start, 'open');
    const stack = [{ id: start, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const index = (out.get(top.id) ?? [])[top.next++];
      if (index === undefined) {
        state.set(top.id, 'done');
        stack.pop();
        continue;
      }
      const to = edges[index]?.to ?? '';
      const seen = state.get(to);
      if (seen === 'open') back.add(index);
      if (seen !== undefined) continue;
      state.set(to, 'open');
      stack.push({ id: to, next: 0 });
    }
  }
  const loops = [...back]
    .map((index) => edges[index] as DraftEdge)
    .map(({ from, to }) => ({ from, to, max: LOOP_MAX }));
  return { edges: edges.map((edge, index) => (back.has(index) ? { ...edge, max: LOOP_MAX } : edge)), loops };
}
