/** The overview with 200 agents at 20 updates a second, against a bare page with the same grid, in turns. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Agent } from '../../src/contract/agents.ts';
import { startFleet } from '../support/agent-fleet.ts';
import { median, quantile } from '../support/statistics.ts';
import { announceAgents } from '../support/web/agent-events.ts';
import { type BenchPage, openBenchBrowser, type PageCost, pageCost } from '../support/web/bench-browser.ts';
import { runWorkload } from '../support/workload.ts';

const AGENTS = 200;
const EVERY_MS = 50;
const ROUNDS = 3;
const WINDOW_MS = 8_000;
const WARM_MS = 3_000;
const MARKS = 40;
const WORKING = 40;

await runWorkload(
  'web-overview',
  `the overview, ${AGENTS} agents at ${1000 / EVERY_MS} updates/s`,
  async (workload) => {
    const { home, server } = await startFleet(workload);
    // Rows are enough: what is measured begins at their announcements.
    for (let at = 0; at < AGENTS; at += 1) {
      const made = await server.request('POST', '/api/agents', {
        name: `agent-${String(at).padStart(3, '0')}`,
        kind: 'shell',
        role: at % 2 ? 'tester' : 'coder',
        workspace: { path: home },
      });
      if (made.status !== 201) throw new Error(`agent ${at}: ${made.status} ${JSON.stringify(made.body)}`);
    }
    const stored = (await server.request<Agent[]>('GET', '/api/agents?limit=200')).body;
    const agents = stored
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map((agent, index): Agent =>
        index < WORKING ? { ...agent, status: 'working', statusReason: 'runs its tests' } : agent,
      );
    const [watched] = agents;
    if (!watched) throw new Error('there is no agent');
    const events = await announceAgents(workload, home);
    const browser = await openBenchBrowser(workload, server);
    const mark = (number: number): Agent => ({ ...watched, role: `mark ${number}` });

    const costs: { ours: PageCost; bare: PageCost }[] = [];
    const marks: { calm: number[]; busy: number[] } = { calm: [], busy: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const overview = await browser.open('/');
      await overview.page.getByText(watched.name, { exact: true }).first().waitFor();
      for (const agent of agents.slice(0, WORKING)) await events.update([], agent);
      if (round === 0)
        marks.calm = await timesToPaint(overview, watched.id, async (number) => events.update([], mark(number)));
      const stream = streamOf(events.update, agents);
      await delay(WARM_MS);
      const ours = await pageCost(overview, WINDOW_MS);
      if (round === 0)
        marks.busy = await timesToPaint(overview, watched.id, async (number) =>
          events.update([], mark(MARKS + number)),
        );
      const rate = await stream.stop();
      if (rate < 0.9 * (1000 / EVERY_MS)) workload.noisy(`only ${rate.toFixed(1)} updates/s were committed`);
      await overview.close();

      const bare = await browser.openBare('agents-grid.ts', { rows: AGENTS, everyMs: EVERY_MS });
      await bare.page.locator('.ag-row').first().waitFor();
      await delay(WARM_MS);
      costs.push({ ours, bare: await pageCost(bare, WINDOW_MS) });
      await bare.close();
      workload.say(
        `round ${round + 1}: ${ours.busyPercent.toFixed(1)} % busy, bare ${costs.at(-1)?.bare.busyPercent.toFixed(1)} %`,
      );
    }
    const of = (name: keyof PageCost, side: 'ours' | 'bare') => median(costs.map((cost) => cost[side][name]));
    const row = (what: string, name: keyof PageCost, unit: string, most?: number) => {
      const ratio = median(costs.map(({ ours, bare }) => ours[name] / bare[name]));
      workload.row({
        what,
        value: of(name, 'ours'),
        unit,
        floor: { what: `${unit} bare`, value: of(name, 'bare') },
        ...(Number.isFinite(ratio) ? { ratio } : {}),
        ...(most === undefined ? {} : { goal: `≤ ${most}×`, met: ratio <= most }),
        detail: costs.map(({ ours, bare }) => [ours[name], bare[name]]),
      });
    };
    row('main thread', 'busyPercent', '%', 2);
    row('  script', 'scriptPercent', '%');
    row('  style and layout', 'layoutPercent', '%');
    row('frame p50', 'frameP50Ms', 'ms', 1.1);
    row('frame p99', 'frameP99Ms', 'ms', 1.5);
    row('long tasks', 'longTasks', 'in all');
    for (const [what, times] of [
      ['one event to its pixels', marks.calm],
      ['the same within the stream', marks.busy],
    ] as const) {
      workload.row({
        what: `${what}, p50`,
        value: quantile(times, 0.5),
        unit: 'ms',
        goal: '< 150 ms',
        met: quantile(times, 0.5) < 150,
      });
      workload.row({ what: `${what}, p99`, value: quantile(times, 0.99), unit: 'ms', detail: times });
    }
    workload.note(
      'an event is gathered for up to 50 ms by the server; within a stream for up to 50 ms by the page too',
    );
    workload.note(
      'the bare page has the same grid module, 200 rows and 8 columns of text, all changed every 50 ms in the page',
    );
  },
);

/** From before the commit until the frame with the new text was drawn. */
async function timesToPaint(
  { page }: BenchPage,
  id: string,
  send: (number: number) => Promise<void>,
): Promise<number[]> {
  const times: number[] = [];
  for (let number = 0; number < MARKS; number += 1) {
    const before = await page.evaluate(
      (rowId) => document.querySelector(`[row-id="${rowId}"] b + span`)?.textContent,
      id,
    );
    const painted = page.evaluate(
      ([rowId, was]) =>
        new Promise<number>((resolve) => {
          const look = (): void => {
            const now = document.querySelector(`[row-id="${rowId}"] b + span`)?.textContent;
            if (now === was) return void requestAnimationFrame(look);
            // This callback is before the frame; a message to oneself arrives after it.
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
            port2.postMessage(null);
          };
          requestAnimationFrame(look);
        }),
      [id, before ?? ''] as const,
    );
    await delay(120 + Math.random() * 60);
    const sent = performance.timeOrigin + performance.now();
    await send(number);
    times.push((await painted) - sent);
  }
  return times;
}

/** Updates at a steady pace, whatever each one takes; tells how many a second there were. */
function streamOf(update: (agents: readonly Agent[], changed: Agent) => Promise<void>, agents: readonly Agent[]) {
  const began = performance.now();
  let sent = 0;
  let running = true;
  const done = (async () => {
    while (running) {
      const next = began + sent * EVERY_MS - performance.now();
      if (next > 0) await delay(next);
      const changed = agents[1 + (sent % (agents.length - 1))];
      if (changed) await update(agents, changed);
      sent += 1;
    }
  })();
  return {
    async stop(): Promise<number> {
      running = false;
      await done;
      return sent / ((performance.now() - began) / 1000);
    },
  };
}
