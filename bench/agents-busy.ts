/** 200 agents of which 10 print 20 lines a second, against the same programs in one tmux server that nobody watches. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startFleet } from './support/agent-fleet.ts';
import { startOneTmuxServer } from './support/one-tmux-server.ts';
import { cpuMs, processes, treeOf } from './support/process-cost.ts';
import { median } from './support/statistics.ts';
import { runWorkload } from './support/workload.ts';

const AGENTS = 200;
const BUSY = 10;
const LINES_PER_SECOND = 20;
const SETTLE_MS = 10_000;
const WINDOWS = 5;
const WINDOW_MS = 6_000;
const PRINTER = [process.execPath, path.join(import.meta.dirname, 'support/print-lines.ts'), String(LINES_PER_SECOND)];

await runWorkload('agents-busy', `${AGENTS} agents, ${BUSY} of them print ${LINES_PER_SECOND} lines/s`, async (workload) => {
  const fleet = await startFleet(workload);
  const began = performance.now();
  await fleet.create([
    ...Array.from({ length: AGENTS - BUSY }, (_, index) => ({ name: `idle-${index}` })),
    ...Array.from({ length: BUSY }, (_, index) => ({ name: `busy-${index}`, command: PRINTER })),
  ]);
  workload.say(`${AGENTS} agents up in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  const one = startOneTmuxServer(workload, [...Array.from({ length: AGENTS - BUSY }, () => ['bash', '--norc', '-i']), ...Array.from({ length: BUSY }, () => PRINTER)]);
  await delay(SETTLE_MS);

  const { servers, clients } = fleet.tmux();
  if (servers.length !== AGENTS || clients.length !== AGENTS) throw new Error(`expected ${AGENTS} tmux servers and clients, found ${servers.length} and ${clients.length}`);
  const parts = { node: [fleet.server.pid], servers, clients, floor: [one] };
  // Both print at once and every process is counted by itself, so each window is a pair under the same conditions.
  const windows = await measure(parts);
  const total = (window: Cost) => window.node + window.servers + window.clients;
  const ratio = median(windows.map((window) => total(window) / window.floor));
  const floor = { what: '% one server', value: median(windows.map((window) => window.floor)) };
  workload.row({ what: 'CPU, node + tmux', value: median(windows.map(total)), unit: '% of a core', floor, ratio, goal: '≤ 1.0×', met: ratio <= 1, detail: { windows } });
  for (const name of ['node', 'servers', 'clients'] as const) {
    workload.row({ what: `  of it ${{ node: 'node', servers: 'tmux servers', clients: 'control clients' }[name]}`, value: median(windows.map((window) => window[name])), unit: '% of a core' });
  }

  // With viewers the bytes have to travel: the price of looking at all ten.
  const all = processes();
  const shells = servers.flatMap((server) => treeOf(server, all).slice(1)).filter((row) => row.command.includes(PRINTER[1] ?? ''));
  if (shells.length !== BUSY) throw new Error(`expected ${BUSY} printers, found ${shells.length}`);
  workload.note(`medians of ${WINDOWS} windows of ${WINDOW_MS / 1000} s; product and floor print at the same time; the printing programs are not counted`);
});

type Cost = Record<'node' | 'servers' | 'clients' | 'floor', number>;

async function measure(parts: Record<keyof Cost, number[]>): Promise<Cost[]> {
  const windows: Cost[] = [];
  const look = (): Cost => ({ node: cpuMs(parts.node, { children: true }), servers: cpuMs(parts.servers), clients: cpuMs(parts.clients), floor: cpuMs(parts.floor) });
  for (let window = 0; window < WINDOWS; window++) {
    const start = performance.now();
    const before = look();
    await delay(WINDOW_MS);
    const after = look();
    const percent = (name: keyof Cost) => ((after[name] - before[name]) / (performance.now() - start)) * 100;
    windows.push({ node: percent('node'), servers: percent('servers'), clients: percent('clients'), floor: percent('floor') });
  }
  return windows;
}
