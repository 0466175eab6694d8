/** The canvas of 50, 500 and 1000 nodes while it is moved, on the execution page and in the builder, against the bare library. */
import { strictEqual } from 'node:assert';
import { startFleet } from '../support/agent-fleet.ts';
import { median, quantile } from '../support/statistics.ts';
import { type BenchPage, openBenchBrowser } from '../support/web/bench-browser.ts';
import { whileDone } from '../support/web/while-done.ts';
import { runWorkload } from '../support/workload.ts';

const SIZES = [50, 500, 1_000];
const ROUNDS = 3;
const STEPS = 60;
const MOST_BUSY = 1.5;
const MOST_FRAME = 1.5;

await runWorkload('web-canvas', 'a canvas that is moved', async (workload) => {
  const { server } = await startFleet(workload);
  const browser = await openBenchBrowser(workload, server);
  for (const size of SIZES) {
    const document = graphOf(size);
    const { body: workflow, status } = await server.request('POST', '/api/workflows', document);
    strictEqual(status, 201, JSON.stringify(workflow).slice(0, 400));
    const { body: execution } = await server.request('POST', `/api/workflows/${workflow.id}/execute?wait=60`, {});
    strictEqual(execution.status, 'succeeded');
    const rounds: Record<'execution' | 'builder' | 'bare', Awaited<ReturnType<typeof moved>>>[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      rounds.push({
        bare: await moved(
          await browser.openBare('canvas.ts', { edges: document.edges, ids: document.nodes.map(({ id }) => id) }),
        ),
        execution: await moved(await browser.open(`/executions/${execution.id}`)),
        builder: await moved(await browser.open(`/workflows/${workflow.id}/edit`)),
      });
    for (const where of ['execution', 'builder'] as const) {
      const row = (
        what: string,
        unit: string,
        of: (seen: Awaited<ReturnType<typeof moved>>) => number,
        most: number,
      ) => {
        const ratio = median(rounds.map((one) => of(one[where]) / of(one.bare)));
        workload.row({
          what,
          value: median(rounds.map((one) => of(one[where]))),
          unit,
          floor: { what: `${unit} bare`, value: median(rounds.map((one) => of(one.bare))) },
          ratio,
          goal: `≤ ${most}×`,
          met: ratio <= most,
          detail: rounds.map((one) => [of(one[where]), of(one.bare)]),
        });
      };
      row(`${where}, ${size} nodes: main thread`, '%', ({ busyPercent }) => busyPercent, MOST_BUSY);
      row('  frame p50', 'ms', ({ frames }) => quantile(frames, 0.5), 1.1);
      row('  frame p99', 'ms', ({ frames }) => quantile(frames, 0.99), MOST_FRAME);
    }
  }
  workload.note(
    'the bare page has the same React Flow, as many plain nodes and edges, and draws only what is in sight',
  );
});

/** By hand, to and fro, for as many frames as there are steps. */
async function moved(opened: BenchPage): Promise<{ frames: number[]; busyPercent: number }> {
  const { page } = opened;
  await page.locator('.react-flow__node').first().waitFor();
  const box = await page.locator('.react-flow__pane').boundingBox();
  if (!box) throw new Error('there is no canvas');
  const [x, y] = [box.x + box.width / 2, box.y + 12]; // beside the nodes
  const seen = await whileDone(opened, async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 0; step < STEPS; step += 1)
      await page.mouse.move(x + 240 * Math.sin((step / STEPS) * 4 * Math.PI), y);
    await page.mouse.up();
  });
  await opened.close();
  return seen;
}

/** Rows of ten, each node after the one before it and the one above it. */
function graphOf(size: number) {
  const nodes = Array.from({ length: size }, (_, at) => ({
    id: `n${at}`,
    type: 'transform',
    config: { value: String(at) },
  }));
  const edges = nodes.flatMap((_node, at) => [
    ...(at % 10 > 0 ? [{ from: `n${at - 1}`, to: `n${at}` }] : []),
    ...(at >= 10 ? [{ from: `n${at - 10}`, to: `n${at}` }] : []),
  ]);
  const layout = Object.fromEntries(nodes.map(({ id }, at) => [id, [(at % 10) * 240, Math.floor(at / 10) * 120]]));
  return { name: `${size} nodes`, nodes, edges, layout };
}
