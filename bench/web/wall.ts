/** The wall with 12 agents that print all the time, against a page with a socket and an xterm for each of them. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startFleet } from '../support/agent-fleet.ts';
import { cpuMs } from '../support/process-cost.ts';
import { median } from '../support/statistics.ts';
import { type BenchPage, openBenchBrowser, pageCost } from '../support/web/bench-browser.ts';
import { runWorkload } from '../support/workload.ts';

const BUSY = 12;
const LINES_PER_SECOND = 20;
const ROUNDS = 3;
const WINDOW_MS = 6_000;
const WARM_MS = 3_000;
const PRINTER = [
  process.execPath,
  path.join(import.meta.dirname, '../support/print-lines.ts'),
  String(LINES_PER_SECOND),
];

await runWorkload(
  'web-wall',
  `${BUSY} terminals that print ${LINES_PER_SECOND} lines/s, seen at once`,
  async (workload) => {
    const fleet = await startFleet(workload);
    const agents = await fleet.create(
      Array.from({ length: BUSY }, (_, index) => ({ name: `busy-${index}`, command: PRINTER })),
    );
    const browser = await openBenchBrowser(workload, fleet.server);
    const measured = async (opened: BenchPage) => {
      await delay(WARM_MS);
      const before = cpuMs([fleet.server.pid], { children: true });
      const began = performance.now();
      const { busyPercent } = await pageCost(opened, WINDOW_MS);
      const server = ((cpuMs([fleet.server.pid], { children: true }) - before) / (performance.now() - began)) * 100;
      await opened.close();
      return { page: busyPercent, server };
    };
    const rounds: { wall: Awaited<ReturnType<typeof measured>>; sockets: Awaited<ReturnType<typeof measured>> }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const wall = await browser.open('/wall');
      await wall.page.getByRole('button', { name: /^busy-0/ }).waitFor();
      const sockets = async () => {
        const bare = await browser.openBare('terminals.ts', { agents: agents.map(({ id }) => id) });
        // Without lines in every one of them it would be no floor.
        await bare.page.waitForFunction(
          (count) =>
            [...document.querySelectorAll('.xterm-rows')].filter(({ textContent }) =>
              textContent?.includes('compiling'),
            ).length === count,
          BUSY,
        );
        return bare;
      };
      rounds.push({ wall: await measured(wall), sockets: await measured(await sockets()) });
    }
    for (const [what, name] of [
      ['main thread of the page', 'page'],
      ['CPU of the server', 'server'],
    ] as const)
      workload.row({
        what,
        value: median(rounds.map(({ wall }) => wall[name])),
        unit: '%',
        floor: { what: '% with sockets', value: median(rounds.map(({ sockets }) => sockets[name])) },
        ratio: median(rounds.map(({ wall, sockets }) => wall[name] / sockets[name])),
        ...(name === 'page'
          ? { goal: '≤ 1×', met: median(rounds.map(({ wall, sockets }) => wall[name] / sockets[name])) <= 1 }
          : {}),
        detail: rounds,
      });
    workload.note('the wall looks at each screen once a second; sockets bring every byte, and count as viewers');
  },
);
