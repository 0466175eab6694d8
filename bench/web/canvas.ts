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
/** How each canvas begins, and how far out it goes. */
const VIEW = {
  execution: { fit: { padding: 0.12, maxZoom: 1.1 }, minZoom: 0.15 },
  builder: { fit: { padding: 0.15, maxZoom: 1 }, minZoom: 0.1 },
};
const SETTLE_MS = 1_000;
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
    const places = { execution: `/executions/${execution.id}`, builder: `/workflows/${workflow.id}/edit` };
    const rounds: Record<keyof typeof places, { ours: Moved; bare: Moved }[]> = { execution: [], builder: [] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const where of ['execution', 'builder'] as const) {
        const ours = await moved(await browser.open(places[where]));
        const bare = await moved(
          await browser.openBare('canvas.ts', {
            edges: document.edges,
            ids: document.nodes.map(({ id }) => id),
            ...ours.pane,
            ...VIEW[where],
          }),
        );
        // As much in sight, or it would be no floor.
        strictEqual(bare.drawn, ours.drawn);
        rounds[where].push({ ours, bare });
      }
    for (const where of ['execution', 'builder'] as const) {
      const row = (what: string, unit: string, of: (seen: Moved) => number, most: number) => {
        const ratio = median(rounds[where].map(({ ours, bare }) => of(ours) / of(bare)));
        workload.row({
          what,
          value: median(rounds[where].map(({ ours }) => of(ours))),
          unit,
          floor: { what: `${unit} bare`, value: median(rounds[where].map(({ bare }) => of(bare))) },
          ratio,
          goal: `≤ ${most}×`,
          met: ratio <= most,
          detail: rounds[where].map(({ ours, bare }) => [of(ours), of(bare)]),
        });
      };
      row(`${where}, ${size} nodes: main thread`, '%', ({ busyPercent }) => busyPercent, MOST_BUSY);
      row('  frame p50', 'ms', ({ frames }) => quantile(frames, 0.5), 1.1);
      row('  frame p99', 'ms', ({ frames }) => quantile(frames, 0.99), MOST_FRAME);
    }
  }
  workload.note(
    'the bare page has the same React Flow in the same size, as many plain nodes and edges, and draws only what is in sight',
  );
});

interface Moved {
  frames: number[];
  busyPercent: number;
  pane: { width: number; height: number };
  /** Nodes in the page before it is moved. */
  drawn: number;
}

/** By hand, to and fro, for as many frames as there are steps. */
async function moved(opened: BenchPage): Promise<Moved> {
  const { page } = opened;
  await page.locator('.react-flow__node').first().waitFor();
  await page.waitForTimeout(SETTLE_MS);
  const box = await page.locator('.react-flow__pane').boundingBox();
  if (!box) throw new Error('there is no canvas');
  const drawn = await page.locator('.react-flow__node').count();
  const [x, y] = [box.x + box.width / 2, box.y + 12]; // beside the nodes
  const seen = await whileDone(opened, async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 0; step < STEPS; step += 1)
      await page.mouse.move(x + 240 * Math.sin((step / STEPS) * 4 * Math.PI), y);
    await page.mouse.up();
  });
  await opened.close();
  return { ...seen, pane: { width: box.width, height: box.height }, drawn };
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
