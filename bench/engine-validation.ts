/** What it costs to check a document: of 100, 1000 and 10 000 nodes, as the server and `workflows validate` check it. */
import { deepStrictEqual, strictEqual } from 'node:assert';
import { WorkflowDocument } from '../src/contract/workflow-document.ts';
import { validateWorkflow } from '../src/domain/workflow/validate-workflow.ts';
import { median } from './support/statistics.ts';
import { runWorkload } from './support/workload.ts';

const ROUNDS = 9;
const SIZES = [100, 1_000, 10_000] as const;
const MOST_MS = 1_000;
/** Per node, from one size to the next: what grows faster than the document shows here. */
const MOST_GROWTH = 1.3;

await runWorkload('engine-validation', 'Checking a document', async (workload) => {
  const measured = SIZES.map(() => ({ chain: [] as number[], schema: [] as number[], ring: [] as number[] }));
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, times] of measured.entries()) {
      // Other names in each round: no expression was parsed before.
      const [line, circle] = [chainOf(SIZES[index]!, round), ringOf(SIZES[index]!)];
      const schema = timed(() => strictEqual(WorkflowDocument.safeParse(line).success, true));
      const valid = timed(() => deepStrictEqual(validateWorkflow(line).problems, []));
      const ring = timed(() => strictEqual(validateWorkflow(circle).problems[0]?.code, 'CYCLE_WITHOUT_MAX'));
      if (round === 0) continue;
      times.schema.push(schema);
      times.chain.push(valid);
      times.ring.push(ring);
    }
  }
  for (const [index, size] of SIZES.entries()) {
    const { chain: ours, schema, ring } = measured[index]!;
    const value = median(ours);
    workload.row({
      what: `chain of ${size}, an expression in each node`,
      value,
      unit: 'ms',
      floor: { what: 'ms the schema alone', value: median(schema) },
      ratio: median(ours.map((ms, round) => ms / schema[round]!)),
      ...(size === 1_000 ? { goal: `< ${MOST_MS} ms`, met: value < MOST_MS } : {}),
      detail: { ours, schema },
    });
    if (index === 0) continue;
    const [smaller, fewer] = [SIZES[index - 1]!, measured[index - 1]!];
    for (const [what, many, few] of [
      ['chain', ours, fewer.chain],
      ['ring without max', ring, fewer.ring],
    ] as const) {
      const ratio = median(many.map((ms, round) => ms / size / (few[round]! / smaller)));
      workload.row({
        what: `  ${what}, ${size} against ${smaller}, per node`,
        value: (median(many) / size) * 1_000,
        unit: 'µs',
        floor: { what: `µs of ${smaller}`, value: (median(few) / smaller) * 1_000 },
        ratio,
        ...(size === 1_000 ? { goal: `≤ ${MOST_GROWTH}×`, met: ratio <= MOST_GROWTH } : {}),
      });
    }
  }
  workload.note(`${ROUNDS} interleaved rounds after one that warms up, in this process; every answer was checked`);
});

function chainOf(size: number, round: number): object {
  const ids = Array.from({ length: size }, (_, index) => `r${round}_${index}`);
  return {
    nodes: ids.map((id, index) => ({
      id,
      type: 'transform',
      config: { value: index === 0 ? '0' : `nodes.${ids[index - 1]}.output + ${index}` },
    })),
    edges: ids.slice(1).map((id, index) => ({ from: ids[index], to: id })),
    outputs: { last: `nodes.${ids.at(-1)}.output` },
  };
}

/** Not valid: found only by whoever looks at the graph as a whole. */
function ringOf(size: number): object {
  const ids = Array.from({ length: size }, (_, index) => `n${index}`);
  return {
    nodes: ids.map((id) => ({ id, type: 'condition' })),
    edges: ids.map((id, index) => ({ from: id, to: ids[(index + 1) % size] })),
  };
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
