/** 200 agents of which 10 print 20 lines a second, against the same programs in one tmux server that nobody watches. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startFleet } from './support/agent-fleet.ts';
import { startOneTmuxServer } from './support/one-tmux-server.ts';
import { cpuMs } from './support/process-cost.ts';
import { median } from './support/statistics.ts';
import { openTerminal } from './support/terminal-socket.ts';
import { runWorkload } from './support/workload.ts';

const AGENTS = 200;
const BUSY = 10;
const LINES_PER_SECOND = 20;
const SETTLE_MS = 10_000;
const WINDOWS = 5;
const WINDOW_MS = 6_000;
const PRINTER = [process.execPath, path.join(import.meta.dirname, 'support/print-lines.ts'), String(LINES_PER_SECOND)];

await runWorkload(
  'agents-busy',
  `${AGENTS} agents, ${BUSY} of them print ${LINES_PER_SECOND} lines/s`,
  async (workload) => {
    const fleet = await startFleet(workload);
    const began = performance.now();
    await fleet.create(Array.from({ length: AGENTS - BUSY }, (_, index) => ({ name: `idle-${index}` })));
    const busy = await fleet.create(
      Array.from({ length: BUSY }, (_, index) => ({ name: `busy-${index}`, command: PRINTER })),
    );
    workload.say(`${AGENTS} agents up in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const shells = Array.from({ length: AGENTS - BUSY }, () => ['bash', '--norc', '-i']);
    const one = startOneTmuxServer(workload, [...shells, ...Array.from({ length: BUSY }, () => PRINTER)]);
    await delay(SETTLE_MS);

    const { servers, clients } = fleet.tmux();
    if (servers.length !== AGENTS || clients.length !== AGENTS)
      throw new Error(`expected ${AGENTS} tmux servers and clients, found ${servers.length} and ${clients.length}`);
    const parts = { node: [fleet.server.pid], servers, clients, floor: [one] };

    const unwatched = await measure(parts);
    const ratio = ratioOf(unwatched);
    const cost = (windows: Cost[]) => ({
      value: median(windows.map(total)),
      unit: '% of a core',
      floor: { what: '% one server', value: median(windows.map((window) => window.floor)) },
      ratio: ratioOf(windows),
      detail: { windows },
    });
    workload.row({ what: 'CPU, node + tmux', ...cost(unwatched), goal: '≤ 1.0×', met: ratio <= 1 });
    for (const [name, what] of [
      ['node', 'node'],
      ['servers', 'tmux servers'],
      ['clients', 'control clients'],
    ] as const) {
      workload.row({
        what: `  of it ${what}`,
        value: median(unwatched.map((window) => window[name])),
        unit: '% of a core',
      });
    }

    // The price of looking at all ten: the floor still has no viewer.
    const lines = busy.map(() => 0);
    await Promise.all(
      busy.map(async (agent, index) => {
        const terminal = await openTerminal(fleet.server, agent.id);
        workload.own(() => terminal.close());
        terminal.onBytes = (bytes) => void (lines[index]! += bytes.toString('latin1').split('\n').length - 1);
      }),
    );
    const start = performance.now();
    lines.fill(0);
    const watched = await measure(parts);
    const rate = Math.min(...lines) / ((performance.now() - start) / 1000);
    if (rate < LINES_PER_SECOND * 0.8) throw new Error(`a viewer saw only ${rate.toFixed(1)} lines/s`);
    workload.row({ what: 'the same with a viewer on each of the ten', ...cost(watched) });
    workload.note(
      `medians of ${WINDOWS} windows of ${WINDOW_MS / 1000} s; product and floor print at the same time; the printing programs are not counted`,
    );
  },
);

type Cost = Record<'node' | 'servers' | 'clients' | 'floor', number>;

function total(window: Cost): number {
  return window.node + window.servers + window.clients;
}

function ratioOf(windows: readonly Cost[]): number {
  return median(windows.map((window) => total(window) / window.floor));
}

/** Both print all the time and every process is counted by itself, so each window is a pair under the same conditions. */
async function measure(parts: Record<keyof Cost, number[]>): Promise<Cost[]> {
  const windows: Cost[] = [];
  const look = (): Cost => ({
    node: cpuMs(parts.node, { children: true }),
    servers: cpuMs(parts.servers),
    clients: cpuMs(parts.clients),
    floor: cpuMs(parts.floor),
  });
  for (let window = 0; window < WINDOWS; window++) {
    const start = performance.now();
    const before = look();
    await delay(WINDOW_MS);
    const after = look();
    const elapsed = performance.now() - start;
    const percent = (name: keyof Cost) => ((after[name] - before[name]) / elapsed) * 100;
    windows.push({
      node: percent('node'),
      servers: percent('servers'),
      clients: percent('clients'),
      floor: percent('floor'),
    });
  }
  return windows;
}
